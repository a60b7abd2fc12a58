// What a client and a server say to each other. Each scenario gets a World and asserts what must be true anyway;
// the transcripts of both sides are compared by the test.
import assert from 'node:assert/strict';
import { within } from '../lib/deadline.mjs';
import { brief, sha256 } from './brief.mjs';

const TEN_MEGABYTES = 10_000_000;
const MANY = 10_000;
const bytes = (size) => Buffer.alloc(size, 'Holdfast \u0000\u001e\u00ff', 'latin1');

/** One run against one URL: sockets of one client version and transport, and what they saw. */
export class World {
  log = [];
  #sockets = [];

  constructor({ io, url, transports, name, upstream, headers = {}, relinks = false }) {
    Object.assign(this, { io, url, transports, name, upstream, headers, relinks });
  }

  note(nsp, what, ...values) {
    this.log.push([nsp, what, ...values.map(brief)]);
  }

  /** A connected socket of `/`, its transport upgraded if it is to be (unless `eager`). */
  async connect({ eager = false, ...options } = {}) {
    const socket = this.io(this.url, {
      path: '/ws/socket.io',
      transports: this.transports,
      forceNew: true,
      reconnection: false,
      autoConnect: false, // with it, 4.6.0 connects a further namespace twice
      query: { from: 'a test' },
      auth: { name: this.name, token: 'ünïcode' },
      extraHeaders: this.headers,
      ...options,
    });
    this.#watch(socket, '/');
    socket.connect();
    const upgraded = this.transports.length > 1 && !eager && once(socket.io.engine, 'upgrade');
    await once(socket, 'connect');
    if (upgraded) await upgraded;
    return socket;
  }

  /** A socket of another namespace on the same connection. */
  join(socket, namespace) {
    const other = socket.io.socket(namespace, { auth: { name: this.name } });
    this.#watch(other, namespace);
    if (!other.active) other.connect();
    return other;
  }

  #watch(socket, namespace) {
    this.#sockets.push(socket);
    socket.on('connect', () => this.note(namespace, 'connect', { sid: typeof socket.id }));
    socket.on('connect_error', (error) => this.note(namespace, 'connect_error', error.message, error.data));
    socket.on('disconnect', (reason) => this.note(namespace, 'disconnect', reason));
    socket.onAny((event, ...values) => event !== 'drop' && this.note(namespace, event, ...values));
    socket.on('question', (...values) => values.pop()('heard', ...values));
    socket.on('large', (text, answer) => answer('heard'));
  }

  close() {
    for (const socket of this.#sockets) socket.io._close?.() ?? socket.disconnect();
  }
}

export const once = (emitter, event, ms = 20_000) =>
  within(ms, `event ${event}`, new Promise((resolve) => emitter.once(event, (...values) => resolve(values))));

export const ask = (socket, event, ...values) =>
  within(30_000, `answer to ${event}`, new Promise((resolve) => socket.emit(event, ...values, (...said) => resolve(said))));

async function greeting(world) {
  const socket = await world.connect({ eager: true });
  if (!world.log.some(([, what]) => what === 'welcome')) await once(socket, 'welcome');
  if (world.transports.length > 1 && socket.io.engine.transport.name !== 'websocket') await once(socket.io.engine, 'upgrade');
  world.note('/', 'transport', socket.io.engine.transport.name);
  socket.disconnect();
}

async function acknowledgements(world) {
  const socket = await world.connect();
  const values = [1, -0.5, 'Grüße, 世界 😀', '', null, true, { deep: [{ er: [] }, {}] }, '\u2028\u001e"\\'];
  assert.deepEqual(await ask(socket, 'echo', ...values), values);
  assert.deepEqual(await ask(socket, 'echo', 'one'), ['one']);
  const said = await ask(socket, 'ask', 'question', { of: 'the server' }, 'ß');
  world.note('/', 'answer to ask', said);
  const many = await Promise.all(Array.from({ length: 100 }, (_, n) => ask(socket, 'echo', n, `call ${n}`)));
  assert.deepEqual(many, Array.from({ length: 100 }, (_, n) => [n, `call ${n}`]));
  socket.emit('shout', 'no answer wanted', [1, 2]);
  await once(socket, 'echoed');
  socket.disconnect();
}

async function binary(world) {
  const socket = await world.connect();
  const values = [bytes(1000), { in: { an: ['object', bytes(3)] } }, bytes(0), 'text', bytes(70_000)];
  const said = await ask(socket, 'echo', ...values);
  assert.deepEqual(brief(said), brief(values));
  const echoed = within(20_000, 'echoed', new Promise((resolve) => socket.once('echoed', (first, second, third) => resolve([first, second, third]))));
  socket.emit('shout', bytes(300), 'between', bytes(1));
  world.note('/', 'echoed', await echoed);
  const answered = await ask(socket, 'ask', 'question', bytes(2000), { more: bytes(20) });
  world.note('/', 'answer to ask', answered);
  const noise = Buffer.from(Uint32Array.from({ length: 50_000 }, (_, n) => Math.imul(n, 2_654_435_761)).buffer);
  assert.equal(sha256(await ask(socket, 'echo', noise)), sha256([noise]));
  socket.disconnect();
}

async function namespaces(world) {
  const socket = await world.connect();
  const chat = world.join(socket, '/chat');
  await once(chat, 'connect');
  assert.notEqual(chat.id, socket.id);
  assert.deepEqual(await ask(chat, 'echo', 'in the chat'), ['in the chat']);
  const both = await Promise.all([ask(chat, 'echo', 'chat', bytes(5)), ask(socket, 'echo', 'root', bytes(6))]);
  assert.deepEqual(both.map(([first]) => first), ['chat', 'root']);
  const nowhere = world.join(socket, '/nowhere');
  await once(nowhere, 'connect_error');
  chat.disconnect();
  assert.deepEqual(await ask(socket, 'echo', 'still here'), ['still here']);
  chat.connect();
  await once(chat, 'connect');
  assert.deepEqual(await ask(chat, 'echo', 'back again'), ['back again']);
  socket.disconnect();
  assert.deepEqual(await ask(chat, 'echo', 'the root has left'), ['the root has left']);
  chat.disconnect();
}

/** Only the Node server refuses with a packet that every client can read. */
async function refused(world) {
  const socket = await world.connect();
  const closed = world.join(socket, '/closed');
  const [error] = await once(closed, 'connect_error');
  assert.equal(error.message, 'not authorised');
  assert.deepEqual(error.data, { code: 7, hint: 'ask an admin' });
  assert.deepEqual(await ask(socket, 'echo', 'unharmed'), ['unharmed']);
  socket.disconnect();
}

/** Eager: with polling and websocket allowed, the transport changes while these fly. */
async function order(world) {
  const socket = await world.connect({ eager: true });
  const drops = [];
  socket.on('drop', (n, text) => drops.push([n, text]));
  const poured = ask(socket, 'pour', MANY);
  for (let n = 0; n < MANY; n++) socket.emit('drop', n, `client ${n}`);
  const collected = ask(socket, 'collected');
  assert.deepEqual(await poured, [MANY]);
  const expected = (side) => sha256(Array.from({ length: MANY }, (_, n) => [n, `${side} ${n}`]));
  assert.deepEqual(await collected, [{ count: MANY, sha256: expected('client') }]);
  assert.equal(drops.length, MANY);
  assert.equal(sha256(drops), expected('server'));
  world.note('/', 'drops', drops.length, sha256(drops));
  socket.disconnect();
}

async function large(world) {
  const socket = await world.connect();
  const text = 'x'.repeat(TEN_MEGABYTES);
  world.note('/', 'large answer', await ask(socket, 'echo', text));
  world.note('/', 'large call', await ask(socket, 'large', TEN_MEGABYTES));
  if (socket.io.engine.transport.name === 'websocket') {
    const blob = bytes(TEN_MEGABYTES);
    assert.equal(sha256(await ask(socket, 'echo', blob)), sha256([blob]));
  }
  socket.disconnect();
}

async function partings(world) {
  const ways = {
    'the client leaves': (socket) => socket.disconnect(),
    'the client closes its engine': (socket) => socket.io.engine.close(),
    'the server disconnects the socket': (socket) => socket.emit('bye', false),
    'the server disconnects the client': (socket) => socket.emit('bye', true),
    'the server closes the engine': (socket) => socket.emit('cut'),
  };
  // python-engineio leaves the WebSocket open then; behind Holdfast a link that breaks is replaced.
  if (world.upstream === 'python' || world.relinks) delete ways['the server closes the engine'];
  for (const [how, part] of Object.entries(ways)) {
    const socket = await world.connect();
    assert.deepEqual(await ask(socket, 'echo', how), [how]);
    const gone = once(socket, 'disconnect');
    part(socket);
    await gone;
    socket.disconnect();
  }
}

export const scenarios = { greeting, acknowledgements, binary, namespaces, refused, order, large, partings };
