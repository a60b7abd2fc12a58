// Everything a user does, with the real page, the real Open WebUI and Holdfast between them.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { io } from 'socket.io-client-4.7.5';
import { until, within } from '../lib/deadline.mjs';
import { noGateway, noHoldfast, startGateway, startHoldfast } from '../lib/gateway.mjs';
import { artefacts, jar, missing } from '../lib/paths.mjs';
import { Program } from '../lib/process.mjs';
import { addUser, call, newNote, signedIn, streamedAnswer } from './api.mjs';
import { browserPath, chatInput, launchBrowser, noteEditor, noteTextOf, openChat, openPage, openTab, say, signIn, signUp, wordsOf } from './page.mjs';
import { openWebUi, secretKey, startStack } from './stack.mjs';

const direct = process.env.HOLDFAST_E2E_GATEWAY === 'none';
const ada = { name: 'Ada', email: 'ada@example.org', password: 'correct horse battery' };
const upTo = (count) => Array.from({ length: count }, (_, n) => n + 1);
const skip = missing('redis-server', openWebUi, browserPath) || (!direct && noGateway());

describe('Open WebUI', { skip }, () => {
  let stack;
  let gateway;
  let browser;
  let url;
  let page;
  let token;
  before(async () => {
    stack = await startStack();
    if (!direct) gateway = await startGateway(stack.replicas.map((replica) => replica.url), { set: { 'auth.secret-key': secretKey } });
    url = gateway?.url ?? stack.replicas[0].url;
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await gateway?.stop();
    await stack?.stop();
  });

  const screenshot = async (of, name) => {
    mkdirSync(artefacts, { recursive: true });
    await of.screenshot({ path: `${artefacts}/${name}.png` });
  };

  test('signUp', async () => {
    page = await openPage(browser, url);
    await signUp(page, ada);
    token = await signedIn(url, ada);
    assert.equal((await call(url, token, '/v1/auths/')).email, ada.email);
  });

  test('aStreamedAnswerIsCompleteAndInOrder', async () => {
    await openChat(page);
    await say(page, 'count 400');
    let longest = [];
    await until('400 words are shown', async () => {
      const words = await wordsOf(page);
      assert.deepEqual(words, upTo(words.length), 'in order at any time');
      longest = words;
      return words.length >= 400;
    }, { ms: 90_000, every: 200 });
    assert.deepEqual(longest, upTo(400));
    await screenshot(page, 'streamed-answer');
  });

  test('theStopButtonStopsTheModel', async () => {
    await openChat(page);
    const stopped = stack.models.stopped;
    // Before that the page does not know what it would have to stop.
    const accepted = page.waitForResponse((response) => response.url().includes('/api/chat/completions'));
    await say(page, 'endless');
    await (await accepted).finished();
    await until('some words are shown', async () => (await wordsOf(page)).length >= 20, { ms: 60_000 });

    await page.getByRole('button', { name: 'Stop', exact: true }).click();

    await until('the model is given up', () => stack.models.stopped > stopped, { ms: 30_000 });
    await page.getByRole('button', { name: 'Stop', exact: true }).waitFor({ state: 'hidden' });
    const words = await wordsOf(page);
    assert.deepEqual(words, upTo(words.length));
  });

  test('theSocketOfTheLogInPageServesTheUserWhoLogsIn', async () => {
    const fresh = await openPage(browser, url);
    await fresh.goto('/auth');
    await until('the socket is there before the log-in', () => fresh.sockets[0]?.received.some((frame) => frame.startsWith('40')), { ms: 60_000 });

    await signIn(fresh, ada);
    await chatInput(fresh).waitFor();
    await say(fresh, 'count 30');

    await until('the answer is shown', async () => (await wordsOf(fresh)).length >= 30, { ms: 60_000 });
    assert.equal(fresh.sockets.length, 1, 'no further socket');
    assert.ok(fresh.sockets[0].open);
    assert.ok(fresh.sockets[0].received.some((frame) => frame.includes('word29')), 'by that socket');
    await fresh.context().close();
  });

  test('twoTabsThatEditOneNoteConverge', async () => {
    const note = await newNote(url, token, 'Shared');
    const first = await openPage(browser, url, { token });
    await first.goto(`/notes/${note.id}`);
    await noteEditor(first).click();
    await first.keyboard.type('Top:');
    await first.keyboard.press('Enter');
    await first.keyboard.type('Bottom:');
    const second = await openTab(first);
    await second.goto(`/notes/${note.id}`);
    await until('the second tab has the text', async () => (await noteTextOf(second)) === 'Top:\nBottom:', { ms: 60_000 });

    await noteEditor(first).click();
    await first.keyboard.press('Control+Home');
    await first.keyboard.press('End');
    await noteEditor(second).click();
    await second.keyboard.press('Control+End');
    await Promise.all([first.keyboard.type(' written in the first tab', { delay: 20 }), second.keyboard.type(' written in the second tab', { delay: 20 })]);

    const expected = 'Top: written in the first tab\nBottom: written in the second tab';
    await until('both tabs show both', async () => (await noteTextOf(first)) === expected && (await noteTextOf(second)) === expected, { ms: 30_000 });
    await screenshot(second, 'shared-note');
    await first.context().close();
  });

  test('aFileOf25MegabytesComesBackAsItWent', async () => {
    const file = Buffer.alloc(25_000_000, 'a file of Holdfast\'s tests \u0000\u00ff', 'latin1');
    const form = new FormData();
    form.append('file', new Blob([file]), 'large.bin');
    const headers = { Authorization: `Bearer ${token}` };
    const uploaded = await fetch(`${url}/api/v1/files/?process=false`, { method: 'POST', headers, body: form });
    assert.equal(uploaded.status, 200);
    const { id } = await uploaded.json();
    const content = await fetch(`${url}/api/v1/files/${id}/content`, { headers });
    const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');
    assert.equal(digest(Buffer.from(await content.arrayBuffer())), digest(file));
  });

  test('aDirectCallGetsEachChunkBeforeTheNextIsMade', async () => {
    const words = 20;
    stack.models.sent = 0;
    const response = streamedAnswer(url, token, `step ${words}`);
    await until('the model is asked', () => stack.models.waiting, { ms: 60_000 });
    let text = '';
    let reader;
    for (let n = 1; n <= words; n++) {
      stack.models.step();
      reader ??= (await within(30_000, 'headers', response)).body.pipeThrough(new TextDecoderStream()).getReader();
      while (!text.includes(`word${n} `)) {
        const { value, done } = await within(15_000, `word ${n}`, reader.read());
        assert.ok(!done, `ended before word ${n}`);
        text += value;
      }
      assert.equal(stack.models.sent, n, 'the next word is not made yet');
    }
    while (!(await within(15_000, 'the end', reader.read())).done);
  });

  test('aUsersSocketAndRequestsAreOnOneReplica', { skip: direct && 'needs a gateway' }, async () => {
    const used = new Set();
    for (let n = 0; n < 12; n++) {
      const user = await addUser(url, token, `User${n}`);
      const socket = io(url, { path: '/ws/socket.io', transports: ['websocket'], forceNew: true, reconnection: false, auth: { token: user.token } });
      await within(30_000, 'connect', new Promise((resolve, reject) => socket.once('connect', resolve).once('connect_error', reject)));
      const joined = await within(30_000, 'user-join', new Promise((resolve) => socket.emit('user-join', { auth: { token: user.token } }, resolve)));
      assert.equal(joined.id, user.id);
      for (let request = 0; request < 5; request++) await call(url, user.token, `/v1/auths/?marker=user-${n}-end`);

      const having = (text) => stack.replicas.filter((replica) => replica.output.includes(text));
      const [home, ...others] = await until('the socket is in a log', () => {
        const found = having(`from ${socket.id}`);
        return found.length > 0 && found;
      });
      assert.deepEqual(others, [], 'one replica has the socket');
      assert.deepEqual(having(`marker=user-${n}-end`).map(({ name }) => name), [home.name], 'and all the requests');
      used.add(home.name);
      socket.disconnect();
    }
    assert.equal(used.size, 2, 'both replicas have users');
  });

  test('anOpenWebUiWithoutWebSocketIsNamedAsSuch', { skip: noHoldfast() }, async () => {
    const polling = await stack.startWithoutWebSocket();
    try {
      const check = new Program('check', 'java', ['-jar', jar, 'check', '--upstream', polling.url]);
      const { code } = await within(60_000, 'check ends', check.exited);
      assert.match(check.output, /ENABLE_WEBSOCKET_SUPPORT/);
      assert.equal(code, 1);

      const behind = await startHoldfast([polling.url], { name: 'holdfast-polling', ready: false });
      await behind.says(/ENABLE_WEBSOCKET_SUPPORT/);
      const metrics = await behind.metrics();
      assert.match(metrics.match(/^holdfast_upstream_state.* 1\.0$/m)?.[0] ?? 'no state', /state="websockets-off"/);
      await behind.stop();
    } finally {
      await polling.stop();
    }
  });
});
