// C7: two replicas of the real Open WebUI behind two nodes and an nginx that knows no sessions. A user's tabs and requests are at one
// replica, and move together when it is killed. What needs that: direct connections of an older Open WebUI, which hang without.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { io } from 'socket.io-client-4.7.5';
import { balancers, noBalancer } from '../lib/balancers.mjs';
import { until, within } from '../lib/deadline.mjs';
import { noHoldfast } from '../lib/gateway.mjs';
import { noNodes, startNodes } from '../lib/nodes.mjs';
import { missing } from '../lib/paths.mjs';
import { addUser, call } from './api.mjs';
import { answerOf, forget, toastsOf, watchAnswers } from './looks.mjs';
import { browserPath, chatInput, launchBrowser, openPage, openTab, say } from './page.mjs';
import { older, olderOpenWebUi, openWebUi, secretKey, startStack } from './stack.mjs';

const TABS = 3;
const WORDS = 200;
const ada = { name: 'Ada', email: 'ada@example.org', password: 'correct horse battery' };
const all = Array.from({ length: WORDS }, (_, n) => n + 1);
const set = { 'auth.secret-key': secretKey };
const unfit = noHoldfast() || noNodes('nginx') || missing('redis-server');

const urlsOf = (stack) => stack.replicas.map(({ url }) => url);
const signUp = async (stack) => (await call(stack.replicas[0].url, undefined, '/v1/auths/signup', ada)).token;

describe('two replicas, two nodes', { skip: unfit || missing(openWebUi, browserPath) }, () => {
  const tabs = [];
  let stack;
  let gateway;
  let browser;
  let user;
  let home;
  before(async () => {
    stack = await startStack({ env: { BYPASS_MODEL_ACCESS_CONTROL: 'true' } });
    [gateway, browser] = await Promise.all([startNodes(2, urlsOf(stack), { set, balancer: 'nginx' }), launchBrowser()]);
    user = await addUser(stack.replicas[0].url, await signUp(stack), 'Grace');
  });
  after(async () => {
    await browser?.close();
    await gateway?.stop();
    await stack?.stop();
  });

  const connectsOf = (tab) =>
    tab.sockets.flatMap(({ received }) => received.filter((frame) => /^40\{/.test(frame)).map((frame) => JSON.parse(frame.slice(2)).sid));
  const having = (text) => stack.replicas.filter(({ output }) => output.includes(text));
  const whereIs = (text) => until(`a replica notes ${text}`, () => having(text).length > 0 && having(text));

  /** Every replica that some requests of the user came to. */
  async function whereRequestsGo() {
    const marker = `marker-${randomUUID()}`;
    for (let n = 0; n < 8; n++) await call(gateway.url, user.token, `/v1/auths/?${marker}`);
    return whereIs(marker);
  }

  test('aUsersTabsAndRequestsAreAtOneReplica', async () => {
    const first = await openPage(browser, gateway.url, { token: user.token });
    tabs.push(first);
    while (tabs.length < TABS) tabs.push(await openTab(first));
    for (const tab of tabs) {
      await watchAnswers(tab);
      await tab.goto('/?models=words');
      await chatInput(tab).waitFor();
      await until('the tab is connected', () => connectsOf(tab).length > 0);
    }

    const places = await Promise.all(tabs.map((tab) => whereIs(`from ${connectsOf(tab)[0]}`)));
    [[home]] = places;
    assert.deepEqual(places.flat().map(({ name }) => name), tabs.map(() => home.name));
    assert.deepEqual((await whereRequestsGo()).map(({ name }) => name), [home.name]);
  });

  test('theyMoveTogetherWhenItIsKilledAndNothingIsClosed', async (t) => {
    for (const tab of tabs) await forget(tab);
    const killed = Date.now();

    await home.stop('SIGKILL');

    const moved = tabs.map((tab) => until('the tab has a session elsewhere', () => connectsOf(tab).length > 1, { ms: 60_000, every: 10 }).then(() => Date.now() - killed));
    t.diagnostic(`three tabs were on the other replica ${(await Promise.all(moved)).join(', ')} ms after the kill`);
    const [other] = stack.replicas.filter((replica) => replica !== home);
    for (const tab of tabs) assert.deepEqual((await whereIs(`from ${connectsOf(tab)[1]}`)).map(({ name }) => name), [other.name]);
    assert.deepEqual((await whereRequestsGo()).map(({ name }) => name), [other.name], 'requests follow');
    for (const tab of tabs) {
      assert.deepEqual(tab.sockets.map(({ open }) => open), [true], 'its WebSocket is the one it was');
      assert.deepEqual(await toastsOf(tab), []);
    }

    await say(tabs[1], `count ${WORDS}`);
    await until('the answer is shown', async () => (await answerOf(tabs[1])).length >= WORDS, { ms: 60_000 });
    assert.deepEqual(await answerOf(tabs[1]), all);
  });
});

/** A page of a user with a model of its own, behind a direct connection: it is asked over the socket, and answers there. */
async function openDirect(url, { token }) {
  const socket = io(url, { path: '/ws/socket.io', transports: ['websocket'], forceNew: true, reconnection: false, auth: { token } });
  socket.on('events', ({ data: { type, data } }, answer) => {
    if (type !== 'request:chat:completion') return;
    answer({ status: true });
    const chunk = (choice) => `data: ${JSON.stringify({ id: 'd', object: 'chat.completion.chunk', choices: [{ index: 0, ...choice }] })}`;
    for (const word of ['over ', 'the ', 'socket']) socket.emit(data.channel, chunk({ delta: { content: word } }));
    socket.emit(data.channel, chunk({ delta: {}, finish_reason: 'stop' }));
    socket.emit(data.channel, { done: true });
  });
  await within(30_000, 'connect', new Promise((resolve, reject) => socket.once('connect', resolve).once('connect_error', reject)));
  await within(30_000, 'user-join', new Promise((resolve) => socket.emit('user-join', { auth: { token } }, resolve)));

  /** What the user is shown of one answer, or undefined if it does not end in so many milliseconds. */
  const ask = async (ms) => {
    const id = randomUUID();
    const done = new Promise((resolve) =>
      socket.on('events', ({ message_id: of, data: { type, data } }) => of === id && type === 'chat:completion' && data.done && resolve(data.content)),
    );
    const model = { id: 'mine', name: 'mine', direct: true, owned_by: 'openai', openai: { id: 'mine' }, urlIdx: 0 };
    const messages = [{ role: 'user', content: 'Over what?' }];
    const body = { model: 'mine', model_item: model, stream: true, messages, session_id: socket.id, chat_id: `local:${socket.id}`, id };
    await call(url, token, '/chat/completions', body);
    return within(ms, 'the answer', done).catch(() => undefined);
  };
  return { ask, close: () => socket.disconnect() };
}

describe(`direct connections of Open WebUI ${older}, two replicas`, { skip: unfit || missing(olderOpenWebUi) || noBalancer('nginx') }, () => {
  const ASKED = 4;
  const PATIENCE_MS = 5_000;
  let stack;
  let gateway;
  let plain;
  let token;
  before(async () => {
    stack = await startStack({ which: older });
    gateway = await startNodes(2, urlsOf(stack), { set, balancer: 'nginx' });
    plain = await balancers.nginx(stack.replicas.map(({ port }) => port));
    token = await signUp(stack);
  });
  after(async () => {
    plain?.close();
    await gateway?.stop();
    await stack?.stop();
  });

  async function answersBehind(url) {
    const page = await openDirect(url, { token });
    const answers = [];
    for (let n = 0; n < ASKED; n++) answers.push(await page.ask(PATIENCE_MS));
    page.close();
    return answers;
  }

  test('theyHangBehindPlainRoundRobinAndWorkBehindHoldfast', async (t) => {
    const without = await answersBehind(plain.url);
    const behind = await answersBehind(gateway.url);

    t.diagnostic(`plain nginx: ${JSON.stringify(without)}; Holdfast: ${JSON.stringify(behind)}`);
    assert.ok(without.includes(undefined), 'some never end without Holdfast');
    assert.deepEqual(behind, Array(ASKED).fill('over the socket'));
  });
});
