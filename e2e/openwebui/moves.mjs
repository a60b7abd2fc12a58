// Tabs that move between two replicas of the real Open WebUI in the middle of answers, while replicas stand still.
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { io } from 'socket.io-client-4.7.5';
import { pause, until, within } from '../lib/deadline.mjs';
import { startNode } from '../lib/gateway.mjs';
import { total } from '../lib/metrics.mjs';
import { adminToken } from '../lib/process.mjs';
import { addUser, call } from './api.mjs';
import { secretKey, startStack } from './stack.mjs';

const PACE_MS = 60;
const ada = { name: 'Ada', email: 'ada@example.org', password: 'correct horse battery' };

/** Replicas of that version, a node before them, and so many users with a tab behind it; each has another one at a replica itself. */
export async function startMoves({ which, tabs: count = 10 } = {}) {
  const stack = await startStack({ which, env: { BYPASS_MODEL_ACCESS_CONTROL: 'true' } });
  const set = { 'auth.secret-key': secretKey, 'resume.mode': 'argument', 'relink.rate': '200', 'drain.timeout': '1m' };
  const gateway = await startNode(stack.replicas.map(({ url }) => url), { set });
  const admin = (await call(stack.replicas[0].url, undefined, '/v1/auths/signup', ada)).token;
  const users = [];
  for (let n = 0; n < count; n++) users.push(await addUser(stack.replicas[0].url, admin, `User${n}`));
  const tabs = await Promise.all(users.map(({ token }, n) => openTab(gateway.url, stack.replicas[n % 2].url, token)));
  await empty(gateway, stack.replicas[0].url);
  await order(gateway, 'undrain', stack.replicas[0].url);
  let drained = 1;

  return {
    stack,
    gateway,
    tabs,
    /**
     * Each tab is answered in so many words (`how`: speak or repeat), and moves, while a replica stands still for up to 5 s.
     * What each tab and its witness were sent of the answer, how many moves there were, how long until the last one, and how many
     * answers went on behind it.
     */
    async round({ how, words = 200, paceMs = PACE_MS, random = Math.random, standsStill = true }) {
      const asked = await Promise.all(tabs.map((tab) => ask(gateway.url, tab, `${how} ${words} every ${paceMs}`)));
      await pause(500 + 1000 * random());
      const before = await moves(gateway);
      const away = stack.replicas[drained];
      const began = Date.now();
      const ended = () => ({ seconds: (Date.now() - began) / 1000, inTheMidst: asked.filter(({ seen }) => !seen.some(isLast)).length });
      const moving = empty(gateway, away.url).then(ended);
      const [{ seconds, inTheMidst }] = await Promise.all([moving, standsStill && standStill(stack.replicas, random)]);
      await until('the answers have ended', () => asked.every(({ seen }) => seen.some(isLast)), { ms: 120_000 });
      await until('the tabs have all of them', () => asked.every(({ got, seen }) => got.length >= seen.length), { ms: 5_000 }).catch(() => {});
      await pause(300);
      const after = await moves(gateway);
      await order(gateway, 'undrain', away.url);
      drained = 1 - drained;
      for (const { end } of asked) end();
      const texts = asked.map(({ got, seen }) => ({ got, seen, right: JSON.stringify(got) === JSON.stringify(seen) }));
      return { texts, moved: after.all - before.all, unsure: unsureSince(before.unsure, after.unsure), seconds, inTheMidst };
    },
    /** The names of all events of fences that a tab or its witness was sent. */
    fencesSeen: () => [...new Set(tabs.flatMap(({ names }) => [...names()]))].filter((name) => name.startsWith('ydoc')),
    /** Keys of the documents that fences go through, when the replicas have had the time to forget them. */
    async keysLeft() {
      const scan = () => execFileSync('redis-cli', ['-u', stack.redis.url, '--scan', '--pattern', '*hf:*'], { encoding: 'utf8' }).split('\n').filter(Boolean);
      await until('the replicas have forgotten the documents', () => scan().length === 0, { ms: 20_000 }).catch(() => {});
      return scan();
    },
    async stop() {
      for (const tab of tabs) tab.close();
      await gateway.stop();
      await stack.stop();
    },
  };
}

const REASONS = ['no-fences', 'overlap', 'memory', 'link-lost', 'client', 'node-lost', 'both-lost'];

async function moves(gateway) {
  const text = await gateway.metrics();
  const of = (labels) => total(text, 'holdfast_switchovers_total', labels);
  const unsure = REASONS.map((reason) => of({ result: 'unsure', reason }));
  return { all: of({ result: 'aligned' }) + of({ result: 'unsure' }), unsure };
}

/** How many more were unsure, by reason. */
function unsureSince(before, after) {
  return Object.fromEntries(REASONS.map((reason, i) => [reason, after[i] - before[i]]).filter(([, count]) => count > 0));
}

const headers = { authorization: `Bearer ${adminToken}` };

const order = async (gateway, what, upstream) => {
  const response = await fetch(`${gateway.adminUrl}/api/v1/${what}?upstream=${new URL(upstream).host}`, { method: 'POST', headers });
  if (!response.ok) throw new Error(`${what}: ${response.status} ${await response.text()}`);
};

async function sessionsAt(gateway, upstream) {
  const { upstreams } = await (await fetch(`${gateway.adminUrl}/api/v1/upstreams`, { headers })).json();
  return upstreams.find(({ name }) => name === new URL(upstream).host).sessions;
}

/** Moves all sessions off a replica. */
async function empty(gateway, upstream) {
  await order(gateway, 'drain', upstream);
  await until('all tabs have moved', async () => (await sessionsAt(gateway, upstream)) === 0, { ms: 60_000 });
}

/** One replica is stopped for up to 5 s, at some moment of the next 3 s. */
async function standStill(replicas, random) {
  const replica = replicas[random() < 0.5 ? 0 : 1];
  await pause(3000 * random());
  replica.signal('SIGSTOP');
  try {
    await pause(5000 * random());
  } finally {
    replica.signal('SIGCONT');
  }
}

async function openTab(gateway, replica, token) {
  const [page, witness] = await Promise.all([connect(gateway, token), connect(replica, token)]);
  return {
    page,
    witness,
    token,
    names: () => new Set([...page.names, ...witness.names]),
    close: () => [page, witness].forEach(({ socket }) => socket.disconnect()),
  };
}

async function connect(url, token) {
  const socket = io(url, { path: '/ws/socket.io', transports: ['websocket'], forceNew: true, auth: { token } });
  const names = new Set();
  socket.onAny((name) => names.add(name));
  // The page says again who it is whenever it is told of a connection.
  socket.on('connect', () => socket.emit('user-join', { auth: { token } }));
  await within(30_000, 'connect', new Promise((resolve, reject) => socket.once('connect', resolve).once('connect_error', reject)));
  return { socket, names };
}

/** Events that say an answer; copies for those who look at the chat of another user do not. */
const isOf = (id) => (event) => event.message_id === id && !event.shared;
const isLast = ({ data }) => data.type === 'chat:completion' && data.data.done;

async function ask(url, { page, witness, token }, content) {
  const id = randomUUID();
  const listen = (socket) => {
    const events = [];
    const hear = (event) => isOf(id)(event) && events.push(event);
    socket.on('events', hear);
    return { events, end: () => socket.off('events', hear) };
  };
  const [got, seen] = [listen(page.socket), listen(witness.socket)];
  const messages = [{ role: 'user', content }];
  await call(url, token, '/chat/completions', { model: 'words', stream: true, messages, session_id: page.socket.id, chat_id: `local:${page.socket.id}`, id });
  return {
    got: got.events,
    seen: seen.events,
    end: () => [got, seen].forEach(({ end }) => end()),
  };
}
