// Nothing is lost on the real page: connections are cut between browser and gateway and between gateway and Open WebUI,
// and Open WebUI is killed, while answers of 400 words are streamed at 20 a second. One trial runs beside a control: the same
// page behind a plain byte relay to Open WebUI.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Engine } from '../clients/engine.mjs';
import { pause, until } from '../lib/deadline.mjs';
import { noHoldfast, startHoldfast } from '../lib/gateway.mjs';
import { assertLedger, resumes, total } from '../lib/metrics.mjs';
import { missing } from '../lib/paths.mjs';
import { RST, startRelay } from '../lib/relay.mjs';
import { addUser, call, newNote } from './api.mjs';
import { answerOf, forget, toastsOf, verdict, watchAnswers } from './looks.mjs';
import { browserPath, chatInput, launchBrowser, noteEditor, noteTextOf, openPage, say, toEndOfFirstLine } from './page.mjs';
import { openWebUi, secretKey, startBackend } from './stack.mjs';

const WORDS = 400;
const slowly = `count ${WORDS} every 50`;
const AWAY_MS = 22_000;
const all = Array.from({ length: WORDS }, (_, n) => n + 1);
/** Whether it is the answer to a page that loads a chat. */
const isChat = (response) => /\/api\/v1\/chats\/[0-9a-f-]{36}$/.test(response.url());
const ada = { name: 'Ada', email: 'ada@example.org', password: 'correct horse battery' };
const skip = noHoldfast() || missing('redis-server', openWebUi, browserPath);

/** A model that asks its user to confirm, once the test lets it. */
const asker = (gate) => `
import asyncio, urllib.request
class Pipe:
    async def pipe(self, body: dict, __event_call__=None):
        await asyncio.to_thread(urllib.request.urlopen, "${gate}")
        said = await __event_call__({"type": "confirmation", "data": {"title": "Are you sure?", "message": "It is asked once."}})
        return f"they said {said}"
`;

describe('Open WebUI and broken connections', { skip }, () => {
  const relays = [];
  let backend;
  let link;
  let gateway;
  let browser;
  let admin;
  before(async () => {
    backend = await startBackend();
    link = await relayTo(backend.port);
    const set = { 'auth.secret-key': secretKey, 'upstream.health-interval': '500ms' };
    [gateway, browser] = await Promise.all([startHoldfast([link.url], { set }), launchBrowser()]);
    admin = (await call(backend.url, undefined, '/v1/auths/signup', ada)).token;
  });
  after(async () => {
    await browser?.close();
    await gateway?.stop();
    for (const relay of relays) relay.close();
    await backend?.stop();
  });

  async function relayTo(port) {
    const relay = await startRelay(port);
    relays.push(relay);
    return relay;
  }

  /** A page of a user of its own, with a chat open; `relay` stands between it and `port`. */
  async function pageOf(name, { port = gateway.port, path = '/?models=words', token } = {}) {
    const relay = await relayTo(port);
    const user = token ? { token } : await addUser(backend.url, admin, name);
    const page = await openPage(browser, relay.url, { token: user.token });
    await watchAnswers(page);
    await page.goto(path);
    if (path.startsWith('/?')) await chatInput(page).waitFor();
    await until(`${name} is connected`, () => page.sockets.some((socket) => connectsOf(socket).length > 0));
    return Object.assign(page, { relay, user });
  }

  /** The CONNECT replies that a socket of the page has got. */
  const connectsOf = (socket) => socket.received.filter((frame) => /^40\{/.test(frame)).map((frame) => JSON.parse(frame.slice(2)));
  const sessionsOf = (page) => page.sockets.flatMap(connectsOf);
  const openOnes = (page) => page.sockets.filter(({ open }) => open);
  const shows = (page, count, ms = 60_000) => until(`${count} words are shown`, async () => (await answerOf(page)).length >= count, { ms });

  test('aTransportThatIsCutInTheMiddleOfAnAnswerCostsNothing', async (t) => {
    const page = await pageOf('Cut');
    await say(page, slowly);
    await shows(page, 120);

    page.relay.cut(RST);

    await shows(page, WORDS);
    assert.deepEqual(await answerOf(page), all);
    const seen = await verdict(page, WORDS);
    t.diagnostic(JSON.stringify(seen));
    assert.deepEqual({ missing: seen.missing, wrong: seen.wrong }, { missing: 0, wrong: 0 }, 'at every look');
    assert.ok(seen.stall < 2_000, `the longest stall was ${seen.stall} ms`);
    const sessions = sessionsOf(page);
    assert.equal(sessions.length, 2);
    assert.deepEqual(sessions[1], sessions[0], 'the same session again');
    assert.ok(!(await toastsOf(page)).some((text) => /connect/i.test(text)));
    await page.context().close();
  });

  test('aTemporaryChatThatIsAwayAcrossTheEndOfItsAnswerMissesNothing', async (t) => {
    const temporary = { path: '/?models=words&temporary-chat=true' };
    const pages = await Promise.all([pageOf('Held', temporary), pageOf('Control', { ...temporary, port: backend.port })]);
    const [held, control] = pages;
    await Promise.all(pages.map((page) => say(page, slowly)));
    await Promise.all(pages.map((page) => shows(page, 80)));

    for (const page of pages) page.relay.offline(RST);
    await pause(AWAY_MS);
    for (const page of pages) page.relay.restore();

    const returned = (page) => until('the page has come back', () => openOnes(page).some((socket) => connectsOf(socket).length > 0), { ms: 30_000 });
    await Promise.all(pages.map(returned));
    const settled = shows(control, WORDS, 5_000).catch(() => {}); // as much time as the other gets
    const lost = WORDS - (await settled.then(() => answerOf(control))).length;
    t.diagnostic(`without Holdfast ${lost} of ${WORDS} words are lost`);
    assert.ok(lost > 200, 'the control has lost words for good');
    await shows(held, WORDS, 15_000);
    assert.deepEqual(await answerOf(held), all);
    const { missing: gaps, wrong } = await verdict(held, WORDS);
    assert.deepEqual({ gaps, wrong }, { gaps: 0, wrong: 0 }, 'at every look');
    for (const page of pages) await page.context().close();
  });

  test('aLinkThatIsCutInTheMiddleOfAnAnswerCostsNothing', async (t) => {
    const page = await pageOf('Link');
    await say(page, slowly);
    await shows(page, 120);
    await forget(page);

    link.cut(RST);

    await shows(page, WORDS);
    await until('no word is missing', async () => (await answerOf(page)).length === WORDS, { ms: 10_000 });
    assert.deepEqual(await answerOf(page), all);
    const seen = await verdict(page, WORDS);
    t.diagnostic(JSON.stringify(seen));
    assert.equal(seen.wrong, 0);
    assert.equal(page.sockets.length, 1, 'the WebSocket is the one it was');
    assert.ok(page.sockets[0].open);
    const sessions = sessionsOf(page);
    assert.equal(new Set(sessions.map(({ sid }) => sid)).size, 2, 'on a second link');
    assert.deepEqual(await toastsOf(page), []);
    await page.context().close();
  });

  test('aBackendThatIsRestartedIsNotNoticed', async (t) => {
    const page = await pageOf('Idle');
    for (const [nth, signal] of ['SIGKILL', 'SIGTERM'].entries()) {
      await t.test(signal, async () => {
        // Its words are there before its end: a backend that dies in between never tells the page of it.
        await page.getByRole('button', { name: 'Stop', exact: true }).waitFor({ state: 'hidden' });
        await chatInput(page).click();
        await page.keyboard.type('half of a message, ');
        await page.evaluate(() => (window.marked = true));
        await forget(page);
        // A page that is told of a new session loads its chat again, if it has one, and forgets what is sent meanwhile.
        const loaded = nth > 0 && page.waitForResponse((response) => isChat(response) && response.ok(), { timeout: 60_000 });

        await backend.restart(signal);

        await until('the page has been told of its new session', () => sessionsOf(page).length === nth + 2, { ms: 30_000 });
        if (loaded) await (await loaded).finished();
        assert.equal(page.sockets.length, 1, 'no WebSocket was opened again');
        assert.ok(page.sockets[0].open, 'none was closed');
        assert.deepEqual(await toastsOf(page), []);
        assert.equal(await page.evaluate(() => window.marked), true, 'the document is the one it was');
        assert.match(await chatInput(page).innerText(), /half of a message/);

        await page.keyboard.type(`now count ${WORDS} every 10`);
        await page.keyboard.press('Enter');
        await until('the answer begins', async () => (await answerOf(page)).length < WORDS, { every: 20, ms: 60_000 });
        await shows(page, WORDS);
        assert.deepEqual(await answerOf(page), all);
        assert.deepEqual(await toastsOf(page), []);
        assert.equal(page.sockets.length, 1);
      });
    }
    await page.context().close();
  });

  test('aQuestionThatIsAskedMeanwhileIsShownAndAnsweredOnce', async () => {
    const form = { id: 'asker', name: 'Asker', content: asker(backend.models.url.replace('/v1', '/gate')), meta: { description: 'asks' } };
    await call(backend.url, admin, '/v1/functions/create', form);
    await call(backend.url, admin, '/v1/functions/id/asker/toggle', {});
    const page = await pageOf('Asked', { path: '/?models=asker' });
    // A page that cannot load its new chat leaves it, and the question with it.
    const loaded = page.waitForResponse(isChat);
    await say(page, 'ask me');
    await (await loaded).finished();
    await until('the model is about to ask', () => backend.models.waiting, { ms: 30_000 });
    const waiting = async () => total(await gateway.metrics(), 'holdfast_events_waiting');

    page.relay.offline(RST);
    await until('the page is away', () => openOnes(page).length === 0);
    const before = await waiting();
    backend.models.step();
    await until('the question waits', async () => (await waiting()) > before);
    page.relay.restore();

    await page.getByText('Are you sure?').waitFor();
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('they said True').waitFor();
    assert.equal(await page.getByText('Are you sure?').count(), 0, 'it is not asked again');
    const answers = page.sockets.flatMap(({ sent }) => sent).filter((frame) => /^43\d+\[true\]/i.test(frame));
    assert.equal(answers.length, 1);
    await page.context().close();
  });

  // What is typed into a page that knows that it is offline never leaves it: the page sends updates of a note only while it is
  // connected, and none later. So the cut tab is typed into before the cut and after it, the other one all the time.
  test('aNoteThatIsEditedWhileOneTabIsCutConverges', async () => {
    const { token } = await addUser(backend.url, admin, 'Writer');
    const note = await newNote(backend.url, token, 'Shared');
    const open = async () => {
      const page = await pageOf('Writer', { token, path: `/notes/${note.id}` });
      await noteEditor(page).waitFor();
      await until('the page has joined the document', () => joined(page));
      return page;
    };
    // Until it has the document, the page takes no key.
    const joined = (page) => openOnes(page).some(({ received }) => received.some((frame) => frame.includes('ydoc:document:state')));
    const first = await open();
    await noteEditor(first).click();
    await first.keyboard.type('Top:');
    await first.keyboard.press('Enter');
    await first.keyboard.type('Bottom:');
    const second = await open();
    await until('the second tab has the text', async () => (await noteTextOf(second)) === 'Top:\nBottom:', { ms: 60_000 });
    await noteEditor(second).click();
    await second.keyboard.press('Control+End');
    await toEndOfFirstLine(first, 'Top:');

    const writing = second.keyboard.type(' written before, while and after the other tab was cut', { delay: 80 });
    await first.keyboard.type(' before', { delay: 20 });
    await until('the second tab has seen it', async () => (await noteTextOf(second)).startsWith('Top: before'));
    first.relay.offline(RST);
    await until('the first tab is away', () => openOnes(first).length === 0);
    await pause(1_000);
    first.relay.restore();
    await until('the first tab is back', () => openOnes(first).some((socket) => connectsOf(socket).length > 0));
    await until('the first tab has seen something of it', async () => (await noteTextOf(first)).includes('while'));
    await until('the first tab has joined again', () => joined(first));
    await first.keyboard.type(', after', { delay: 20 });
    await writing;

    const expected = 'Top: before, after\nBottom: written before, while and after the other tab was cut';
    const both = async () => (await noteTextOf(first)) === expected && (await noteTextOf(second)) === expected;
    await until('both tabs show both', both, { ms: 20_000 }).catch(async (error) => {
      throw new Error(`${error.message}: ${JSON.stringify([await noteTextOf(first), await noteTextOf(second)])}`);
    });
    for (const page of [first, second]) await page.context().close();
  });

  test('nothingOfASessionIsLeftAfterTheSignOut', async () => {
    const page = await pageOf('Leaver');
    const { token } = page.user;
    const parked = await Engine.open(gateway.url);
    await parked.connect({ token });
    const away = JSON.parse(parked.packets.find((packet) => /^40/.test(packet)).slice(2));
    parked.close();
    const [session] = sessionsOf(page);

    await call(gateway.url, token, '/v1/auths/signout', {});

    await until('the page was disconnected', () => page.sockets[0].received.includes('41'), { ms: 30_000 });
    for (const { sid, pid } of [session, away]) {
      const late = await Engine.open(gateway.url);
      assert.notEqual(await late.connect({ token, pid }), sid);
      late.close();
    }
    const sids = sessionsOf(page).map(({ sid }) => sid);
    assert.equal(new Set(sids).size, sids.length, 'the page itself got no session twice');
    await page.context().close();
  });

  test('theLedgerAddsUp', async (t) => {
    t.diagnostic(JSON.stringify(await assertLedger(gateway)));
    const { recovered, foreign, trimmed } = await resumes(gateway);
    assert.ok(recovered >= 4, `${recovered} resumes`);
    assert.deepEqual({ foreign, trimmed }, { foreign: 0, trimmed: 0 });
  });
});
