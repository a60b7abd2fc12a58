// Whatever spelling of a path the real Open WebUI gives to its socket server, Holdfast does not pass it on. Paths are sent over raw
// sockets, since HTTP clients would tidy them up.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { within } from '../lib/deadline.mjs';
import { noHoldfast, startHoldfast } from '../lib/gateway.mjs';
import { missing } from '../lib/paths.mjs';
import { seeded } from '../lib/random.mjs';
import { openWebUi, startBackend } from './stack.mjs';

const COUNT = 2500;
const AT_ONCE = 16;
const ENDPOINT = '/ws/socket.io/';

const random = seeded(20261129);
const pick = (all) => all[Math.floor(random() * all.length)];
const hex = (char) => `%${char.charCodeAt(0).toString(16)[pick(['toLowerCase', 'toUpperCase'])]()}`;

/** Each takes a path, and writes it in another way. */
const changes = [
  (path) => path.replace(/./g, (char) => (random() < 0.3 ? hex(char) : char)),
  (path) => path.replace(/\//g, () => pick(['/', '//', '/./', '%2f', '%2F', '\\', '/x/../', '/%2e/', '/;a/'])),
  (path) => path + pick(['x', 'x/y', '/', '%2f', '..', '../x', '../../api/config', ';', ';a=b', '%00', '%0a', '%09', '#x', '.', '%', '%zz', '%c0%af', '~', '"']),
  (path) => path.slice(0, -1) + pick(['', '%2f', ';/', '%3b', '.', '/']),
  (path) => pick(['/', '/./', '/x/..', '/api/..', '%2f', '//', '/;']) + path,
  (path) => path.replace(/%/g, '%25'),
  (path) => path.replace(/[a-z]/g, (char) => (random() < 0.1 ? char.toUpperCase() : char)),
  (path) => `http://h${path}`,
];

function spelling() {
  let path = ENDPOINT;
  for (let times = 1 + Math.floor(random() * 2.5); times > 0; times--) path = pick(changes)(path);
  return path;
}

/** What the server says to a request of this path, whole. */
function ask(port, path) {
  return within(10_000, `an answer to ${path}`, new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.setEncoding('latin1');
    socket.on('data', (data) => (answer += data));
    socket.on('close', () => resolve(answer));
    socket.on('error', () => {});
    socket.write(`GET ${path}?EIO=4&transport=polling HTTP/1.1\r\nHost: h\r\nOrigin: https://evil.example\r\nConnection: close\r\n\r\n`);
  }));
}

async function askAll(url, paths) {
  const { port } = new URL(url);
  const answers = new Map();
  const left = [...paths];
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let path = left.pop(); path !== undefined; path = left.pop()) answers.set(path, await ask(port, path));
  }));
  return answers;
}

// python-engineio opens a session, or says what it misses, in its own words.
const isOfSocketServer = (answer) => /0\{"sid":|"The client is using an unsupported version|Invalid (transport|session)/.test(answer);
const statusOf = (answer) => Number(answer.slice(9, 12));

describe('other spellings of the endpoint', { skip: noHoldfast() || missing('redis-server', openWebUi) }, () => {
  let backend;
  let gateway;
  before(async () => {
    backend = await startBackend();
    gateway = await startHoldfast([backend.url]);
  });
  after(async () => {
    await gateway?.stop();
    await backend?.stop();
  });

  test('noSpellingReachesTheSocketServer', async (t) => {
    const paths = new Set();
    while (paths.size < COUNT) paths.add(spelling());

    const straight = await askAll(backend.url, paths);
    const through = await askAll(gateway.url, paths);

    const reached = [...paths].filter((path) => isOfSocketServer(straight.get(path)));
    t.diagnostic(`${reached.length} of ${paths.size} spellings reach the socket server of Open WebUI`);
    assert.ok(reached.length > COUNT / 10);
    assert.deepEqual([...paths].filter((path) => isOfSocketServer(through.get(path))), []);
    assert.deepEqual(reached.filter((path) => ![400, 403, 404].includes(statusOf(through.get(path)))), []);
  });

  test('theRestOfWsIsOpenWebUis', async () => {
    const paths = ['/ws/', '/ws/other', '/ws/socket.iox', '/api/config', '/c/50%25'];
    const straight = await askAll(backend.url, paths);
    const through = await askAll(gateway.url, paths);

    assert.deepEqual(paths.map((path) => statusOf(through.get(path))), paths.map((path) => statusOf(straight.get(path))));
  });
});
