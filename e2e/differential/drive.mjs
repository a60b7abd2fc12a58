// Does what an input says to one server, byte by byte, and tells what came of it.
import http from 'node:http';
import { WebSocket } from 'ws';

const path = '/ws/socket.io/';
const agent = new http.Agent({ keepAlive: true, maxSockets: 200 });

/**
 * Sent at the end. The answer to the first shows that the server has read all that came before. python-socketio answers the
 * second with a noop, even while it waits for attachments that never come: then what it has said until then was all.
 */
const sentinels = ['40/fin,', '5'];

/** What tells nothing of the input: heartbeats, fillers of polls, and what Holdfast adds for a resume. */
const isNoise = (packet) => packet === '2' || packet === '6' || packet.startsWith('42["~o"');

const normal = (packet) =>
  packet
    .replace(/"pid":"[^"]*",?/, '')
    .replace(/"sid":"[^"]*"/, '"sid":"…"')
    .replace(/,}/, '}');

class Conversation {
  replies = [];
  state = 'open';
  #ending = false;
  #finished = false;
  #heard = [];
  #over;
  over = new Promise((resolve) => (this.#over = resolve));

  /** `noopEnds`: what sends it has nothing else to say, though the first sentinel is not answered. */
  constructor(ms, noopEnds = false) {
    this.noopEnds = noopEnds;
    const timer = setTimeout(() => this.ends('silent'), ms);
    this.over.then(() => clearTimeout(timer));
  }

  hears(packet) {
    const text = typeof packet === 'string' ? packet : `b${Buffer.from(packet).toString('base64')}`;
    if (this.#finished) return;
    if (text.startsWith('40/fin,') || text.startsWith('44/fin,')) this.#finish();
    else if (text === '6' && this.#ending && this.noopEnds) this.ends('stuck');
    else if (!isNoise(text)) {
      this.replies.push(normal(text));
      this.#heard.splice(0).forEach((look) => look());
    }
  }

  /** Waits for one more such reply, for so long at most, or for the end. */
  async reply({ begins, within }) {
    const count = () => this.replies.filter((reply) => reply.startsWith(begins)).length;
    const before = count();
    let patient = true;
    const late = new Promise((resolve) => setTimeout(resolve, within).unref()).then(() => (patient = false));
    while (patient && !this.#finished && count() === before) {
      await Promise.race([this.over, late, new Promise((resolve) => this.#heard.push(resolve))]);
    }
  }

  ends(state) {
    if (!this.#finished) this.state = state;
    this.#finish();
  }

  #finish() {
    this.#finished = true;
    this.#over();
  }

  /** All that was to be sent is sent: the answer to that ends it. */
  ending() {
    this.#ending = true;
    return this.over;
  }

  result() {
    return { state: this.state, replies: this.replies };
  }
}

/**
 * The target's outcome: `state` and the packets that it sent. Behind the input it is refused, open or closed, stuck if it takes
 * in all and answers nothing, or silent if it has not answered in time.
 *
 * @param name tells the application which input it is
 */
export function drive({ url, noopEnds }, input, name, ms) {
  return (input.transport === 'websocket' ? overWebSocket : overPolling)(url, input, name, new Conversation(ms, noopEnds));
}

const target = (input, name) => `${input.path ?? path}?${input.query}${input.query ? '&' : ''}case=${name}`;

/** Opens one; `hears` is told of each message, and the conversation of how it ends. */
function openWebSocket(url, { headers = {}, options = {} }, conversation, hears) {
  const ws = new WebSocket(url.replace('http', 'ws'), { headers, perMessageDeflate: false, ...options });
  return new Promise((resolve) => {
    const ended = (state) => () => {
      conversation.ends(state);
      resolve(ws);
    };
    ws.on('message', (data, binary) => hears(binary ? data : data.toString()));
    ws.on('open', () => resolve(ws));
    ws.on('unexpected-response', (request) => {
      request.destroy();
      ended('refused')();
    });
    ws.on('error', ended('refused'));
    ws.on('close', ended('closed'));
  });
}

/** Sends a message whole, or in fragments with a ping behind each. `text`, `binary` in hex, or `bytes` in hex as text. */
function send(ws, { text, binary, bytes, fragments = 1 }) {
  if (ws.readyState !== WebSocket.OPEN) return;
  const data = text === undefined ? Buffer.from(binary ?? bytes, 'hex') : Buffer.from(text);
  const size = Math.ceil(data.length / fragments);
  for (let n = 0; n < fragments; n++) {
    ws.send(data.subarray(n * size, (n + 1) * size), { binary: binary !== undefined, fin: n === fragments - 1 });
    if (fragments > 1) ws.ping();
  }
}

async function overWebSocket(url, input, name, conversation) {
  let isOpened = false;
  let announced;
  const begun = new Promise((resolve) => (announced = resolve));
  const hears = (packet) => (typeof packet === 'string' && packet.startsWith('0') ? announced() : conversation.hears(packet));
  const ws = await openWebSocket(url + target(input, name), input, conversation, hears);
  await Promise.race([begun.then(() => (isOpened = true)), conversation.over]);
  if (!isOpened) return { ...conversation.result(), state: 'refused' };
  for (const step of input.steps) {
    const answered = step.await && conversation.reply(step.await);
    send(ws, step);
    await answered;
  }
  if (conversation.state === 'open') {
    const ended = conversation.ending();
    for (const text of sentinels) send(ws, { text });
    await ended;
  }
  send(ws, { text: '41' });
  ws.close();
  return conversation.result();
}

function request(url, { method = 'GET', headers = {}, body, chunked = false, signal } = {}) {
  return new Promise((resolve) => {
    const length = body === undefined || chunked ? {} : { 'Content-Length': Buffer.byteLength(body) };
    const asked = http.request(url, { method, agent, signal, headers: { ...length, ...headers } }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode, body: Buffer.concat(chunks).toString() }));
      response.on('error', () => resolve({ status: 0, body: '' }));
    });
    asked.on('error', () => resolve({ status: 0, body: '' }));
    asked.end(body);
  });
}

/** Asks again and again until the session is over. */
async function poll(url, conversation, signal, mayGoOn) {
  for (let turn = 0; mayGoOn(); turn++) {
    const { status, body } = await request(`${url}&t=g${turn}`, { signal });
    if (status !== 200) {
      if (mayGoOn()) conversation.ends('closed');
      return;
    }
    for (const packet of body.split('\x1e')) {
      if (packet === '1') conversation.ends('closed');
      else if (packet !== '') conversation.hears(packet);
    }
  }
}

async function overPolling(url, input, name, conversation) {
  const { status, body } = await request(url + target(input, name), { method: input.method, headers: input.headers });
  if (status !== 200 || !body.startsWith('0')) {
    conversation.ends(status === 0 ? 'silent' : 'refused');
    return conversation.result();
  }
  const first = body.split('\x1e');
  const { sid } = JSON.parse(first[0].slice(1));
  first.slice(1).forEach((packet) => conversation.hears(packet));
  const session = `${url}${path}?EIO=4&transport=polling&sid=${encodeURIComponent(sid)}`;
  let polls = true;
  const leaving = new AbortController();
  const polling = poll(session, conversation, leaving.signal, () => polls && conversation.state === 'open');
  let carrier;
  let posts = 0;
  const post = (body, more) =>
    request(`${session}&t=p${posts++}`, { method: 'POST', body, headers: { 'Content-Type': 'text/plain;charset=UTF-8' }, ...more });
  const say = async (packets) => {
    if (carrier) return packets.forEach((text) => send(carrier, { text }));
    return Promise.race([conversation.over, post(packets.join('\x1e'))]);
  };
  for (const step of input.steps) {
    if (conversation.state !== 'open') break;
    const answered = step.await && conversation.reply(step.await);
    if (step.upgrade) {
      carrier = await upgrade(session, step, conversation, () => {
        polls = false;
        return polling;
      });
    } else if (carrier) send(carrier, step);
    else {
      const asked = post(step.hex ? Buffer.from(step.hex, 'hex') : step.post, step.more);
      await Promise.race([conversation.over, asked]);
    }
    await answered;
  }
  if (conversation.state === 'open') {
    const ended = conversation.ending();
    const answer = await say(sentinels);
    // What is refused came too late; a poll that python-socketio has forgotten is never answered.
    if (answer?.status >= 400) setTimeout(() => conversation.ends('closed'), 200);
    await ended;
  }
  polls = false;
  if (carrier) say(['41']);
  else if (conversation.state !== 'closed') await Promise.race([post('41\x1e1'), new Promise((resolve) => setTimeout(resolve, 500))]);
  leaving.abort();
  carrier?.close();
  return conversation.result();
}

/** Opens a WebSocket for a polling session and sends these frames; the WebSocket if it has taken over. */
async function upgrade(session, { upgrade: frames }, conversation, stopPolling) {
  const probe = new Conversation(2000);
  let answered;
  const answer = new Promise((resolve) => (answered = resolve));
  let taken = false;
  const hears = (packet) => (taken ? conversation.hears(packet) : answered(packet));
  const ws = await openWebSocket(session.replace('transport=polling', 'transport=websocket'), {}, probe, hears);
  for (const [index, text] of frames.entries()) {
    if (probe.state !== 'open') break;
    if (text === '5' && index > 0) {
      taken = true;
      await Promise.race([stopPolling(), probe.over]);
    }
    send(ws, { text });
    if (text === '2probe' && index === 0) await Promise.race([answer, probe.over]);
  }
  if (taken) {
    probe.over.then(() => conversation.ends('closed'));
    return ws;
  }
  // A WebSocket that does not take over ends by itself.
  await probe.over;
  ws.terminate();
  return undefined;
}
