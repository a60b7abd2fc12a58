// socket.io-client, of several versions and over every transport, and what its handlers see.
import { io as io460 } from 'socket.io-client-4.6.0';
import { io as io475 } from 'socket.io-client-4.7.5';
import { io as newest } from 'socket.io-client-newest';
import { until, within } from '../lib/deadline.mjs';
import { isWord } from './words.mjs';

export const versions = { '4.6.0': io460, '4.7.5': io475, newest };
export const transports = { websocket: ['websocket'], polling: ['polling'], upgrade: ['polling', 'websocket'] };

/** What a browser says of itself: with it an offset comes as an argument. */
export const browser = (url) => ({ 'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64) Chrome/130.0', Origin: url });

/** What clients say of themselves, by how they are told their offsets; `late`: from their first return on, as events of their own. */
const saying = { argument: browser, marker: (url) => ({ Origin: url }), late: () => ({}) };

/** Each version over each transport, told its offsets in either way from the start. */
export const every = Object.entries(versions).flatMap(([version, io]) =>
  Object.entries(transports).flatMap(([by, through]) =>
    ['argument', 'marker'].map((mode) => ({ label: `${version} by ${by}, ${mode}`, io, through, mode })),
  ),
);

/** Each version over each transport, as a program that may not be able to come back. */
export const programs = every.filter(({ mode }) => mode === 'marker').map((one) => ({ ...one, label: one.label.replace('marker', 'late'), mode: 'late' }));

let names = 0;

/** One socket that reconnects quickly and notes all it sees. */
export class Client {
  connects = [];
  partings = [];
  history = [];
  errors = [];
  words = [];
  changed = [];
  others = [];

  constructor({ io = io475, through = transports.websocket, mode = 'argument', url, binary = false, size = 0, auth = {}, options = {} }) {
    this.name = auth.name ?? `client-${++names}`;
    this.through = through;
    const socket = io(url, {
      path: '/ws/socket.io',
      transports: through,
      forceNew: true,
      autoConnect: false,
      reconnectionDelay: 60,
      reconnectionDelayMax: 200,
      extraHeaders: saying[mode](url),
      auth: { token: `token of ${this.name}`, ...auth, name: this.name },
      ...options,
    });
    this.socket = socket;
    socket.on('connect', () => this.connects.push({ id: socket.id, recovered: socket.recovered, engine: socket.io.engine.id }));
    socket.on('disconnect', (reason) => this.partings.push(reason));
    socket.on('connect_error', (error) => this.errors.push(error.message));
    const begun = Date.now();
    const notes = (what, how) => this.history.push(`${Date.now() - begun} ms ${what}${how ? ` (${how})` : ''}`);
    socket.on('connect', () => notes('connected', socket.io.engine.transport.name));
    socket.on('disconnect', (reason, details) => notes(reason, details?.description ?? details?.message));
    socket.on('connect_error', (error) => notes('no connection', error.message));
    socket.io.on('open', () => socket.io.engine.on('upgradeError', (error) => notes('no upgrade', error.message)));
    socket.on('word', (...values) => {
      if (!isWord(values, binary, size)) this.changed.push(values);
      this.words.push(values[0]);
    });
    socket.onAny((event, ...values) => event !== 'word' && this.others.push([event, ...values]));
  }

  /** Connects, and waits for the upgrade if there is to be one. */
  async open() {
    this.socket.connect();
    await this.connected(1);
    return this;
  }

  /** The nth connect, counted from 1, once the transport is the last one it will have. */
  async connected(n, ms = 15_000) {
    const last = this.through.at(-1);
    const settled = () => this.connects.length >= n && this.socket.connected && this.socket.io.engine?.transport.name === last;
    await until(() => `connect ${n} of ${this.name} over ${last}; it saw ${this.history.join(', ')}`, settled, { ms, every: 10 });
    return this.connects[n - 1];
  }

  /** Asks the upstream for words. */
  stream(count, options = {}) {
    this.socket.emit('stream', { count, every: 8, ...options });
  }

  async sees(count, ms = 20_000) {
    await until(() => `${this.name} sees word ${count} (so far ${this.words.length}, last ${this.words.at(-1)})`, () => this.words.includes(count), { ms, every: 10 });
  }

  /** Cuts until the client has noticed: between two polls there is nothing that it would miss. */
  async loses(relay, how, before = this.partings.length) {
    const cut = () => this.partings.length > before || void relay.cut(how);
    await until(`${this.name} loses its transport`, cut, { every: 20 });
  }

  /** The same, first behind so many bytes: where they end a poll's answer, the client misses nothing. */
  async losesBehind(relay, bytes, how) {
    const before = this.partings.length;
    await relay.cutAfter('down', bytes, how);
    await until('the client has noticed', () => this.partings.length > before, { ms: 200, every: 5 }).catch(() => {});
    await this.loses(relay, how, before);
  }

  /** Once the upstream has answered this, all that it said before has been handled. */
  async echo(value) {
    return within(15_000, `echo for ${this.name}`, new Promise((resolve) => this.socket.emit('echo', value, resolve)));
  }

  /** Says goodbye: the session ends. */
  leave() {
    this.socket.disconnect();
  }
}
