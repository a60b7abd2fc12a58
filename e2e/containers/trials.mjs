// Users of the Open WebUI at URL, on the sockets that its page uses, while things are cut, restarted and killed.
//
//   node trials.mjs cut URL                 (a) an answer survives cuts and a locked phone
//   node trials.mjs restart URL COMMAND...  (c) the command restarts an Open WebUI, and no socket notices
//   node trials.mjs crash URL COMMAND...    the command kills a node; its clients are back, and are served
//   node trials.mjs roll URL COMMAND...     the command restarts a node in the middle of answers, which lose nothing
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { io } from 'socket.io-client-newest';
import { pause, until } from '../lib/deadline.mjs';
import { RST, startRelay } from '../lib/relay.mjs';
import { addUser, call, signedIn } from '../openwebui/api.mjs';

const USERS = 12; // so that both of two replicas have some
const AWAY_MS = 5_000;
const [trial, url, ...command] = process.argv.slice(2);
const admin = { email: 'ada@example.org', password: 'correct horse battery staple' };
const textOf = (count) => Array.from({ length: count }, (_, n) => `word${n + 1}`).join(' ');
const run = () => promisify(execFile)(command[0], command.slice(1));

/** One user's page: its socket, and the text of its answer put together from events. */
class Page {
  connects = [];
  partings = [];
  text = '';
  done = false;

  constructor(at, { id, token }) {
    Object.assign(this, { id, token });
    opened.push(this);
    this.socket = io(at, {
      path: '/ws/socket.io',
      transports: ['websocket'],
      forceNew: true,
      auth: { token },
      extraHeaders: { 'User-Agent': 'Mozilla/5.0', Origin: at },
    });
    this.socket.on('connect', () => {
      this.connects.push({ id: this.socket.id, recovered: this.socket.recovered });
      this.socket.emit('user-join', { auth: { token } });
    });
    this.socket.on('disconnect', (reason) => this.partings.push(reason));
    this.socket.on('events', ({ data: { type, data } }) => {
      if (type === 'response:completion' && data?.type === 'response.output_text.delta') this.text += data.delta;
      if (type === 'chat:completion' && data?.done) this.done = true;
    });
  }

  get words() {
    return this.text.split(' ').length - 1;
  }

  async connected(times = 1, ms = 30_000) {
    await until(`connect ${times} of ${this.id}`, () => this.connects.length >= times && this.socket.connected, { ms });
    return this;
  }

  async ask(count, every) {
    Object.assign(this, { text: '', done: false, count });
    const sid = this.socket.id;
    const messages = [{ role: 'user', content: `count ${count} every ${every}` }];
    const body = { model: 'numbers', stream: true, messages, session_id: sid, chat_id: `temporary:${sid}`, id: randomUUID() };
    await call(url, this.token, '/chat/completions', body);
  }

  async shows(words) {
    await until(`${words} words of ${this.count} for ${this.id}, so far ${this.words}`, () => this.words >= words, { ms: 40_000, every: 10 });
  }

  /** The whole answer, each word once and in order. */
  async answered() {
    await until(`the answer for ${this.id} ends, so far ${this.words} words`, () => this.done, { ms: 60_000 });
    assert.equal(this.text.trim(), textOf(this.count), this.id);
  }
}

const opened = [];
const everyone = (pages, what) => Promise.all(pages.map(what));

async function users(count = USERS) {
  const token = await signedIn(url, admin);
  await call(url, token, '/models');
  const made = [];
  for (let n = 0; n < count; n++) made.push(await addUser(url, token, `${trial}-${Date.now()}-${n}`));
  return made;
}

/** One after the other: those that come in one moment may all get the same address from nginx. */
async function pagesOf(count) {
  const pages = [];
  for (const user of await users(count)) pages.push(await new Page(url, user).connected());
  return pages;
}

const trials = {
  async cut() {
    const relay = await startRelay(new URL(url).port);
    const [user] = await users(1);
    const page = await new Page(relay.url, user).connected();
    await page.ask(500, 10);
    await page.shows(100);
    relay.cut(RST);
    await page.connected(2);
    await page.shows(200);
    relay.offline(RST);
    await pause(AWAY_MS);
    relay.restore();
    await page.connected(3);
    await page.answered();
    assert.deepEqual(page.connects.map(({ recovered }) => recovered), [false, true, true]);
    assert.equal(new Set(page.connects.map(({ id }) => id)).size, 1, 'one session');
    relay.close();
    console.log(`500 words, cut once and away for ${AWAY_MS} ms: none lost, none twice`);
  },

  async restart() {
    const pages = await pagesOf(USERS);
    await run();
    await until('some have a session on another link', () => pages.some(({ connects }) => connects.length > 1), { ms: 90_000 });
    await until('no session is new any more', settled(pages), { ms: 30_000, every: 2_000 });
    assert.deepEqual(pages.flatMap(({ partings }) => partings), [], 'no socket was closed');
    await everyone(pages, (page) => page.ask(50, 10));
    await everyone(pages, (page) => page.answered());
    const moved = pages.filter(({ connects }) => connects.length > 1).length;
    console.log(`${moved} of ${USERS} users had a link that broke: no socket was closed`);
  },

  async crash() {
    const pages = await pagesOf(USERS);
    const begin = Date.now();
    await run();
    await until('some socket is closed', () => pages.some(({ partings }) => partings.length > 0));
    await everyone(pages, (page) => page.connected());
    const back = Date.now() - begin;
    const lost = pages.filter(({ partings }) => partings.length > 0);
    await everyone(lost, (page) => page.connected(2));
    await everyone(pages, (page) => page.ask(50, 10));
    await everyone(pages, (page) => page.answered());
    console.log(`${lost.length} of ${USERS} users were on it and are back after ${back} ms`);
  },

  async roll() {
    const pages = await pagesOf(USERS);
    await everyone(pages, (page) => page.ask(1_000, 20));
    await everyone(pages, (page) => page.shows(50));
    await run();
    await everyone(pages, (page) => page.answered());
    const most = Math.max(...pages.map(({ partings }) => partings.length));
    assert.ok(most <= 1, `${most} reconnects`);
    const closed = pages.filter(({ partings }) => partings.length > 0).length;
    assert.ok(closed > 0, 'some were on it');
    console.log(`${closed} of ${USERS} users had to connect again: no word lost, none twice`);
  },
};

/** True once nobody has had a new session since the last asking. */
function settled(pages) {
  let last;
  return () => {
    const now = pages.reduce((sum, { connects }) => sum + connects.length, 0);
    const same = now === last;
    last = now;
    return same;
  };
}

await trials[trial]();
for (const { socket } of opened) socket.disconnect(); // or its session would wait for it
await pause(200); // until that is sent
process.exit(0);
