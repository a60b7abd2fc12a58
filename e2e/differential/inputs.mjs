// Made-up inputs: what clients send, and what is nearly that. A seed decides them.
import { seeded } from '../lib/random.mjs';

/** How many of each family; the sum is the number of inputs. */
const counts = {
  handshake: 300,
  connect: 340,
  event: 400,
  attachments: 300,
  base64: 260,
  engine: 240,
  order: 260,
  upgrade: 60,
  headers: 60,
  frames: 60,
  post: 120,
};

export function inputs(seed) {
  const random = seeded(seed);
  const pick = (choices) => choices[Math.floor(random() * choices.length)];
  const chance = (part) => random() < part;
  const made = [];
  const families = makers({ random, pick, chance });
  for (const [family, count] of Object.entries(counts)) {
    for (let n = 0; n < count; n++) {
      made.push({ id: `${family}-${n}`, family, query: 'EIO=4&transport=websocket', transport: 'websocket', steps: [], ...families[family]() });
    }
  }
  return made;
}

function makers({ random, pick, chance }) {
  const digits = (count) => Array.from({ length: count }, () => Math.floor(random() * 10)).join('');
  const scalar = () =>
    pick(['null', 'true', 'false', '0', '-0', '7', '-12.5e3', '1e400', '123456789012345678901234567890', 'NaN', '-Infinity', '""', '"a"', '"é"', '"\\u00e9\\ud83d\\ude00"', '"\\ud800"', '"😀\u2028"', '"a,b"', '"1-"', '"\\"]"']);
  const value = (depth = 2) => {
    const kind = depth > 0 ? random() : 1;
    if (kind < 0.25) return `[${Array.from({ length: Math.floor(random() * 3) }, () => value(depth - 1)).join(',')}]`;
    if (kind < 0.5) return `{${Array.from({ length: Math.floor(random() * 3) }, (_, n) => `"k${n}":${value(depth - 1)}`).join(',')}}`;
    return scalar();
  };
  const blank = () => (chance(0.15) ? pick([' ', '\t', '\n', '\r\n', '  ']) : '');
  const broken = () => pick(['{', '[', '"', '{"a"}', "{'a':1}", 'abc', '{}x', '[,]', '٣', '-', '{"a":1,}', '﻿{}', '\u00a0{}', 'undefined']);
  const namespace = () => pick(['', '', '', '', '/,', '/chat,', '/chat,', '/nowhere,', '/chat?x=1,', '/?x=1,', '/chat', '/ch\u00e4t,', '/1-2,', '//,', '/chat/,']);
  const rooted = () => pick(['', '', '/,', '/?x=1,']);
  const id = () => (chance(0.6) ? '' : pick([digits(1), digits(3), '0', '007', '0000000000000000000012', digits(15), digits(19), digits(101), '٣', '²', '-1', '1-', '2-']));
  const argument = () => value(2);
  const event = (name = pick(['"echo"', '"echo"', '"echo"', '""', '"é"', '"a b"', '7', '"message"'])) =>
    `${blank()}[${blank()}${[name, ...Array.from({ length: Math.floor(random() * 3) }, argument)].join(`${blank()},${blank()}`)}${blank()}]${blank()}`;
  const placed = (count) => `["echo"${Array.from({ length: count }, (_, n) => `,{"_placeholder":true,"num":${n}}`).join('')}]`;
  const bytes = () => Buffer.from(Array.from({ length: Math.floor(random() * 90) }, () => Math.floor(random() * 256)));
  const sure = { text: '40' };
  const answered = (begins, within = 20_000) => ({ begins, within });
  const connected = { text: '40', post: '40', await: answered('40') };
  /** What is answered by a packet of the application's own, which the next packets may be about; not if it is not heard. */
  const asks = (text, begins) => ({ text, await: answered(begins, 1000) });
  const asked = { text: '4277["echo","sure"]' };

  /** Packets over the one transport or the other. */
  const carried = (packets, { join = chance(0.5) } = {}) => {
    if (chance(0.5)) return { steps: packets };
    const form = ({ text, binary }) => (binary === undefined ? text : `b${Buffer.from(binary, 'hex').toString('base64')}`);
    const steps = [];
    for (const packet of packets) {
      const last = steps.at(-1);
      if (join && last && !last.await && !packet.await) last.post += `\x1e${form(packet)}`;
      else steps.push({ ...packet, post: form(packet) });
    }
    return { transport: 'polling', query: 'EIO=4&transport=polling', steps };
  };

  const base64 = () => {
    const right = bytes().toString('base64');
    const at = Math.floor(random() * (right.length + 1));
    const put = (what) => right.slice(0, at) + what + right.slice(at);
    return pick([
      () => right,
      () => right.replace(/(.{76})/g, '$1\n') + '\n',
      () => right.replace(/(.{76})/g, '$1\r\n'),
      () => right.replace(/(.{4})/g, '$1 '),
      () => put(pick(['\n', '\r\n', ' ', '\t', '\v', '\0'])),
      () => put(pick(['*', '!', '.', ',', '"', '{', '~', '\x7f'])),
      () => put(pick(['-', '_'])),
      () => right.replaceAll('+', '-').replaceAll('/', '_'),
      () => right.replace(/=+$/, ''),
      () => `${right}=`,
      () => `${right}====`,
      () => `=${right}`,
      () => put('='),
      () => `${right}${bytes().toString('base64')}`,
      () => right.slice(0, at),
      () => put('é'),
      () => '',
      () => '=',
      () => 'A',
      () => 'AB',
      () => 'AB=C',
      () => 'AB==\nAB==',
    ])();
  };

  const families = {
    handshake() {
      const polling = chance(0.6);
      const name = polling ? 'polling' : 'websocket';
      const part = (parts) => (chance(0.8) ? parts[0] : pick(parts));
      const query = [
        part(['EIO=4', 'EIO=3', 'EIO=', 'EIO', '', 'eio=4', 'EIO=%34', '%45IO=4', 'EIO=04', 'EIO=4&EIO=4', 'EIO=4&EIO=3', 'EIO=&EIO=4', 'EIO=4+', 'EIO=5']),
        part([`transport=${name}`, '', 'transport=', 'transport', `Transport=${name}`, 'transport=Polling', 'transport=%70olling', 'tr%61nsport=websocket', 'transport=flashsocket', `transport=${name}&transport=websocket`, `transport=${name}&transport=polling`, `transport=&transport=${name}`]),
        part(['', 'sid=', 'sid', 'sid=abc', 'SID=abc', 'sid=&sid=x', 's%69d=abc', 'sid=%20']),
        part(['t=abc', '', 't=', 't=1&t=2', `t=${'x'.repeat(100)}`, 'T=4']),
        part(['', 'b64=1', 'b64=', 'j=0', 'j=', 'j=x', 'j', 'J=1', '%6a=0']),
        pick(['', '', 'lang=de', 'a=1&a=2', 'a=', 'a', 'a=%20b', 'a=b+c', 'a=%C3%A9', 'a=%ff', 'a=%', 'a=%zz', '%', 'a=b=c', '=x', '&', 'a;b=c', 'sid[]=1', 'a=%26EIO=3']),
      ];
      if (chance(0.3)) query.sort(() => random() - 0.5);
      const method = polling && chance(0.08) ? pick(['POST', 'PUT', 'HEAD', 'DELETE']) : 'GET';
      return { transport: name, query: query.filter((one) => one !== '').join('&'), method, steps: [connected, { ...asked, post: asked.text }] };
    },

    connect() {
      const payload = () => (chance(0.15) ? broken() : chance(0.15) ? '' : blank() + value() + blank());
      const packets = [{ text: `40${namespace()}${chance(0.75) ? '' : id()}${payload()}` }];
      if (chance(0.3)) packets.push({ text: `40${namespace()}${payload()}` });
      packets.push(asked);
      if (chance(0.3)) packets.push({ text: '42/chat,78["echo","chat"]' });
      return carried(packets);
    },

    event() {
      const payload = () => (chance(0.2) ? pick([value, broken, () => ''])() : event());
      const packets = [sure, { text: '40/chat,' }];
      for (let n = 1 + Math.floor(random() * 3); n > 0; n--) packets.push({ text: `4${chance(0.85) ? 2 : pick([1, 3, 4, 7, 8, 9, 'a', ''])}${chance(0.6) ? '' : namespace()}${id()}${payload()}` });
      packets.push(asked);
      return carried(packets);
    },

    attachments() {
      const count = Math.floor(random() * 4);
      const stated = chance(0.75) ? `${count || 1}-` : pick(['', '-', '0-', '01-', '000003-', '00002-', '2-', '11-', '99999-', '12345678901-', '1', '1-1-', '٣-']);
      const packets = [sure, { text: `45${stated}${rooted()}${chance(0.5) ? '' : id()}${placed(count || 1)}` }];
      const frames = chance(0.8) ? count || 1 : Math.floor(random() * 4);
      for (let n = 0; n < frames; n++) packets.push({ binary: bytes().toString('hex') });
      if (chance(0.15)) packets.splice(2 + Math.floor(random() * frames), 0, pick([asked, { text: '2' }, { text: '3' }, { text: '41' }, { text: '40/chat,' }]));
      packets.push(asked);
      return carried(packets);
    },

    base64() {
      const steps = [{ post: '40', await: answered('40') }, { post: `451-5["echo",{"_placeholder":true,"num":0}]\x1eb${base64()}` }, { post: asked.text }];
      return { transport: 'polling', query: 'EIO=4&transport=polling', steps };
    },

    engine() {
      const odd = () => ({ text: pick(['', '0', '0{}', '1', '1x', '2', '2probe', '2x', '3', '3probe', '4', '5', '5x', '6', '6x', '7', '8', '9', 'a', '٤2["echo"]', 'b', 'bAQ==', ' 42["echo"]', '{"type":4}', '\u{1F600}', '/', '4\x1e42["echo"]', 'd=42["echo"]']) });
      const packets = [connected];
      for (let n = 1 + Math.floor(random() * 2); n > 0; n--) packets.push(odd());
      packets.push(asked);
      return carried(packets);
    },

    order() {
      const choices = [sure, { text: '40{}' }, { text: '40/chat,' }, { text: '41' }, { text: '41/chat,' }, { text: '411' }, { text: '41{"a":1}' }, asked, { text: '42/chat,5["echo"]' }, asks('42["ask",1]', '42'), asks('42/chat,["ask",2]', '42/chat'), { text: '431["yes"]' }, { text: '43/chat,1["yes"]' }, { text: '431[]' }, { text: '4301 ["late"]' }, { text: '4399["x"]' }, { text: '43["x"]' }, { text: '44{"message":"x"}' }, { text: '441"x"' }, { binary: '0102' }, { text: '461-1["yes",{"_placeholder":true,"num":0}]' }, asks('42["bye"]', '41'), { text: '1' }];
      const packets = chance(0.6) ? [sure] : [];
      for (let n = 1 + Math.floor(random() * 5); n > 0; n--) packets.push(pick(choices));
      packets.push(asked);
      return carried(packets, { join: chance(0.25) });
    },

    upgrade() {
      const frames = pick([['2probe', '5'], ['2probe', '5'], ['2probe', '5'], ['2x'], ['5'], ['2probe', '42["echo"]'], ['42["echo"]'], ['2'], ['2probe', '2probe']]);
      const steps = [{ post: '40', await: answered('40') }, { upgrade: frames }, { text: '423["echo",1]', post: '423["echo",1]' }, { text: asked.text, post: asked.text }];
      return { transport: 'polling', query: 'EIO=4&transport=polling', steps };
    },

    headers() {
      const headers = {};
      const maybe = (name, choices, part = 0.4) => chance(part) && (headers[name] = pick(choices));
      maybe('Sec-WebSocket-Protocol', ['chat', 'a, b', 'engine.io', 'graphql-ws', 'a,b,,c', 'v10.stomp, base64url.bearer.authorization.k8s.io.abc']);
      maybe('Cookie', ['a=b', 'token="x y"; b=c', 'a=é']);
      maybe('Authorization', ['Bearer abc', 'Basic YTpi']);
      maybe('Accept-Language', ['de', 'de-DE,de;q=0.9']);
      maybe('User-Agent', ['python-socketio', 'okhttp/4.9', ''], 0.2);
      return { headers, options: chance(0.3) ? { perMessageDeflate: true } : {}, steps: [connected, asked] };
    },

    frames() {
      const fragments = () => pick([1, 2, 3, 7]);
      const steps = [connected, { text: '451-6["echo",{"_placeholder":true,"num":0}]', fragments: fragments() }, { binary: bytes().toString('hex'), fragments: fragments() }];
      const text = Buffer.from('425["echo","Grüße, 世界 😀"]');
      const wrong = pick(['ff', 'c080', 'eda080', 'e282', 'f4908080']);
      if (chance(0.3)) steps.push({ bytes: Buffer.concat([text, Buffer.from(wrong, 'hex'), text]).toString('hex'), fragments: fragments() });
      else steps.push({ text: text.toString(), fragments: fragments() }, asked);
      if (steps.at(-1) !== asked) steps[2].await = answered('b');
      return { steps };
    },

    post() {
      const text = '426["echo","é"]';
      const step = pick([
        () => ({ post: text, more: { headers: { 'Content-Type': pick(['text/plain', 'application/json', 'text/html; charset=ISO-8859-1', 'application/x-www-form-urlencoded', '']) } } }),
        () => ({ post: text, more: { headers: { 'Content-Type': 'application/octet-stream' } } }),
        () => ({ post: text, more: { chunked: true } }),
        () => ({ post: '' }),
        () => ({ post: pick(['\x1e', `${text}\x1e`, `\x1e${text}`, `${text}\x1e\x1e${text}`]) }),
        () => ({ post: Array(pick([2, 16, 17, 40])).fill('426["echo","a"]').join('\x1e') }),
        () => ({ post: `d=${encodeURIComponent(text)}` }),
        () => ({ hex: Buffer.from('42["echo","\xff"]', 'latin1').toString('hex') }),
        () => ({ hex: Buffer.from('42["echo","\xed\xa0\x80"]', 'latin1').toString('hex') }),
        () => ({ post: `42["echo","${'x'.repeat(pick([100, 99_980, 100_000]))}"]` }),
        () => ({ post: text, more: { method: pick(['PUT', 'DELETE', 'PATCH']) } }),
      ])();
      return { transport: 'polling', query: 'EIO=4&transport=polling', steps: [{ post: '40', await: answered('40') }, step, { post: asked.text }] };
    },
  };
  return families;
}
