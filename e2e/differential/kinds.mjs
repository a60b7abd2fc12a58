// The intended differences: what Holdfast refuses though python-socketio goes on. docs/protocol-status.md names each.

const maxBody = 100_000;
const maxAttachments = 10;
const maxAckDigits = 15;

/** A packet that ends the session, by the kind of the fault; undefined if it is one to take. */
function fault(text) {
  if (!/^[0-6]/.test(text)) return 'engine-packet';
  if (text.startsWith('2')) return 'client-ping';
  if (!text.startsWith('4')) return undefined;
  const header = /^4([0-6])(.*)$/s.exec(text);
  if (!header) return 'socket-packet';
  const [, type, rest] = header;
  const isBinary = type === '5' || type === '6';
  const count = /^0*([1-9]\d*)-/.exec(rest);
  if (isBinary && !count) return 'socket-packet';
  if (isBinary && count[1].length > 4) return 'limits';
  const behind = (isBinary ? rest.slice(count[0].length) : rest).replace(/^\/[^,]*,?/s, '');
  const [id] = /^\d*/.exec(behind);
  if (id.replace(/^0+/, '').length > maxAckDigits) return 'limits';
  const json = behind.slice(id.length).replace(/^[ \t\r\n]+/, '');
  const apart = id === '' || behind.length > id.length + json.length;
  const takes = '2356'.includes(type) ? /^\[/ : apart ? /^([-0-9{["tfnNI]|$)/ : /^([{["tfnNI]|$)/;
  return takes.test(json) ? undefined : 'socket-packet';
}

const attachments = (text) => Number(/^4[56]0*(\d+)-/.exec(text)?.[1] ?? 0);

/** base64 that both oracles read alike, or that only lacks its padding. */
const isBase64 = (text) => {
  const data = text.replace(/[^A-Za-z0-9+/=_-]/g, '');
  return !/[^\0-\x7f]/.test(text) && /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}(==.*|=?)|[A-Za-z0-9+/]{3}(=.*)?|=*)$/s.test(data);
};

/** Follows what one session has said. */
class Follower {
  #connected = false;
  #missing = 0;
  #early = false;

  /** The fault of the next packet. */
  next({ text, binary, bytes }) {
    // Both end a WebSocket for text that is not UTF-8.
    if (bytes !== undefined) return undefined;
    if (binary !== undefined) {
      if (this.#missing === 0) return this.#connected ? 'attachments' : 'before-connect';
      this.#missing--;
      return undefined;
    }
    const wrong = fault(text);
    if (wrong || !text.startsWith('4')) return wrong;
    if (this.#missing > 0) return 'attachments';
    if (!this.#connected && !'036'.includes(text[1])) return 'before-connect';
    this.#missing = attachments(text);
    if (this.#connected && this.#missing > maxAttachments) return 'limits';
    this.#connected ||= text[1] === '0';
    return undefined;
  }
}

const decoded = (packet) => (packet.startsWith('b') ? { binary: packet.slice(1), isBase64: isBase64(packet.slice(1)) } : { text: packet });

function bodyFault(step) {
  if (step.more?.headers?.['Content-Type']?.startsWith('application/octet-stream')) return 'binary-body';
  if (step.hex) return 'engine-packet';
  if (Buffer.byteLength(step.post) > maxBody) return 'limits';
  if (step.post.startsWith('d=')) return 'jsonp';
  const malformed = (packet) => (packet.isBase64 === undefined ? !/^[0-6]/.test(packet.text) : !packet.isBase64);
  return step.post !== '' && step.post.split('\x1e').map(decoded).some(malformed) ? 'engine-packet' : undefined;
}

/** The first packet that ends the session: its kind, and the input without it and all behind; undefined if there is none. */
export function firstRefused(input) {
  const follower = new Follower();
  const cut = (index, ...more) => ({ ...input, steps: [...input.steps.slice(0, index), ...more] });
  let carrier = input.transport;
  for (const [index, step] of input.steps.entries()) {
    if (step.upgrade) {
      if (step.upgrade[0] === '2probe' && step.upgrade[1] === '5') carrier = 'websocket';
      continue;
    }
    if (carrier === 'websocket') {
      const kind = follower.next(step);
      if (kind) return { kind, until: cut(index) };
      if (step.text?.startsWith('1')) return undefined;
      continue;
    }
    if (step.more?.method) continue;
    const whole = bodyFault(step);
    if (whole) return { kind: whole, until: cut(index) };
    const packets = step.post === '' ? [] : step.post.split('\x1e');
    for (const [at, packet] of packets.entries()) {
      const kind = follower.next(decoded(packet));
      if (kind) return { kind, until: at > 0 ? cut(index, { ...step, post: packets.slice(0, at).join('\x1e') }) : cut(index) };
      if (packet.startsWith('1')) return undefined;
    }
  }
  return undefined;
}

/** The query as python-engineio reads it. */
const parameter = (input, name) => new URLSearchParams(input.query).getAll(name).find((value) => value !== '');

/** Whether a handshake is refused, and as which kind. */
export function handshakeRefused(input) {
  if (parameter(input, 'j') !== undefined) return 'jsonp';
  return parameter(input, 'transport') === undefined ? 'transport-absent' : undefined;
}

/** All of them: the rule that the docs give. */
export const kinds = [
  'engine-packet',
  'client-ping',
  'socket-packet',
  'before-connect',
  'attachments',
  'limits',
  'binary-body',
  'jsonp',
  'transport-absent',
  'close-packet',
  'as-node',
];
