// What depends on the version of Open WebUI: whose sockets end when it signs a token out or changes a user, and what its page does in
// a network that lets no WebSocket through.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { io } from 'socket.io-client-4.7.5';
import { pause, until, within } from '../lib/deadline.mjs';
import { noHoldfast, startHoldfast } from '../lib/gateway.mjs';
import { total } from '../lib/metrics.mjs';
import { missing } from '../lib/paths.mjs';
import { RST, startRelay } from '../lib/relay.mjs';
import { addUser, call, signedIn } from './api.mjs';
import { answerOf, verdict, watchAnswers } from './looks.mjs';
import { answerTo, startOffice } from './office.mjs';
import { browserPath, chatInput, launchBrowser, openPage, say } from './page.mjs';
import { older, olderOpenWebUi, openWebUi, secretKey, startBackend, version } from './stack.mjs';

const ada = { name: 'Ada', email: 'ada@example.org', password: 'correct horse battery' };
const soon = 2_000;
const WORDS = 400;
const all = Array.from({ length: WORDS }, (_, n) => n + 1);

for (const [which, program, method] of [
  [version, openWebUi, 'POST'],
  [older, olderOpenWebUi, 'GET'],
]) {
  describe(`Open WebUI ${which}`, { skip: missing('redis-server', program) || noHoldfast() }, () => {
    let backend;
    let gateway;
    let admin;
    const sockets = [];
    before(async () => {
      // With a Redis for its tokens it disconnects all sockets of the user itself, the laptop's too.
      backend = await startBackend({ which, env: { REDIS_URL: '' } });
      gateway = await startHoldfast([backend.url], { set: { 'auth.secret-key': secretKey, 'proxy.trusted-proxies': '127.0.0.1' } });
      admin = (await call(gateway.url, undefined, '/v1/auths/signup', ada)).token;
    });
    after(async () => {
      sockets.forEach((socket) => socket.disconnect());
      await gateway?.stop();
      await backend?.stop();
    });

    const joined = (socket, token) => within(30_000, 'user-join', new Promise((resolve) => socket.emit('user-join', { auth: { token } }, resolve)));

    async function open(token) {
      const socket = io(gateway.url, { path: '/ws/socket.io', transports: ['websocket'], forceNew: true, auth: { token } });
      sockets.push(socket);
      await within(30_000, 'connect', new Promise((resolve) => socket.once('connect', resolve)));
      assert.ok((await joined(socket, token)).id);
      socket.ends = new Promise((resolve) => socket.once('disconnect', resolve));
      return socket;
    }

    const request = (token, path, by = method, body) =>
      fetch(`${gateway.url}/api/v1${path}`, {
        method: by,
        headers: { Authorization: `Bearer ${token}`, ...(body && { 'Content-Type': 'application/json' }) },
        body: body && JSON.stringify(body),
      });

    test('thePhonesSignOutEndsItsSocketAndLeavesTheLaptops', async () => {
      const [phone, laptop] = [await signedIn(gateway.url, ada), await signedIn(gateway.url, ada)];
      const [one, other] = [await open(phone), await open(laptop)];

      const answer = await request(phone, '/auths/signout');

      assert.equal(answer.status, 200);
      assert.equal(await within(soon, 'the end of the socket', one.ends), 'transport close');
      await within(30_000, 'the client comes back by itself', new Promise((resolve) => one.once('connect', resolve)));
      assert.ok((await joined(other, laptop)).id);
      assert.ok(other.connected);
      assert.match(await gateway.metrics(), /holdfast_sessions_closed_total\{reason="signed-out"\} 1\.0/);
    });

    test('theOtherMethodSignsNobodyOut', async () => {
      const token = await signedIn(gateway.url, ada);
      const socket = await open(token);

      await (await request(token, '/auths/signout', method === 'GET' ? 'POST' : 'GET')).text();

      assert.ok((await joined(socket, token)).id);
      assert.ok(socket.connected);
    });

    test('anAdministratorsChangeEndsTheUsersSockets', async () => {
      const bob = await addUser(gateway.url, admin, 'Bob');
      const [mine, bobs] = [await open(admin), await open(bob.token)];
      const change = { name: 'Bob', email: bob.email, role: 'pending', profile_image_url: '/user.png' };

      assert.equal((await request(bob.token, `/users/${bob.id}/update`, 'POST', change)).status, 401);
      assert.ok((await joined(bobs, bob.token)).id);
      assert.equal((await request(admin, `/users/${bob.id}/update`, 'POST', change)).status, 200);

      await within(soon, 'the end of the socket', bobs.ends);
      assert.ok((await joined(mine, admin)).id);
    });

    test('aUserWhoIsDeletedLosesTheirSockets', async () => {
      const eve = await addUser(gateway.url, admin, 'Eve');
      const socket = await open(eve.token);

      assert.equal((await request(admin, `/users/${eve.id}`, 'DELETE')).status, 200);

      await within(soon, 'the end of the socket', socket.ends);
    });

    describe('in a network without WebSocket', { skip: missing('nginx', browserPath) }, () => {
      let office;
      let relay;
      let browser;
      before(async () => {
        [office, browser] = await Promise.all([startOffice(gateway.port), launchBrowser()]);
        relay = await startRelay(office.port);
      });
      after(async () => {
        await browser?.close();
        relay?.close();
        await office?.stop();
      });

      /** The headers but for those that differ each time, and those of the body's length and coding. */
      const others = ({ headers }) => {
        const differing = ['date', 'x-process-time', 'content-length', 'content-encoding', 'transfer-encoding', 'connection', 'keep-alive'];
        return Object.fromEntries(Object.entries(headers).filter(([name]) => !differing.includes(name)));
      };
      const handshake = '/ws/socket.io/?EIO=4&transport=websocket';

      test('oneFieldOfTheConfigurationChanges', async (t) => {
        const agent = { 'User-Agent': 'a client of the office' };
        const kinds = [undefined, 'identity', 'gzip', 'gzip, deflate', 'br', 'gzip, deflate, br, zstd', 'zstd', '*'];
        const requests = [{}, { Authorization: `Bearer ${admin}`, Cookie: `token=${admin}` }].flatMap((who) =>
          kinds.map((kind) => ({ ...agent, ...who, ...(kind && { 'Accept-Encoding': kind }) })),
        );
        const straight = (more) => Promise.all(requests.map((headers) => answerTo(`${backend.url}/api/config`, { ...headers, ...more })));
        const asItIs = await straight();
        const plain = await straight({ 'Accept-Encoding': 'identity' });
        for (const who of [{}, { Cookie: `token=${admin}` }]) {
          assert.equal((await answerTo(`${office.url}${handshake}`, { ...agent, ...who })).status, 400);
        }

        for (const [at, headers] of requests.entries()) {
          const told = await answerTo(`${gateway.url}/api/config`, { ...headers, 'X-Forwarded-For': '192.0.2.10' });
          const asked = headers['Accept-Encoding'] ?? 'none';

          assert.equal(told.status, 200);
          assert.equal(told.text, plain[at].text.replace(/("enable_websocket": ?)true/, '$1false'), asked);
          assert.equal(JSON.parse(told.text).features.enable_websocket, false);
          assert.equal(told.coding, asItIs[at].coding !== 'identity' && /gzip/.test(asked) ? 'gzip' : 'identity', asked);
          assert.equal(Number(told.headers['content-length']), told.sent.length, asked);
          assert.equal(told.headers['transfer-encoding'], undefined);
          assert.deepEqual(others(told), others(asItIs[at]), asked);
        }
        t.diagnostic(`${plain[0].text.length} and ${plain.at(-1).text.length} bytes, as it is: ${asItIs.map(({ coding }) => coding)}`);
        const beside = await answerTo(`${gateway.url}/api/config`, agent);
        assert.equal(JSON.parse(beside.text).features.enable_websocket, true);
        assert.match(await gateway.metrics(), /holdfast_polling_fallback_replies_total\{result="rewritten"\} 16\.0/);
      });

      test('thePageConnectsAtItsSecondLoadAndShowsEveryWord', async (t) => {
        const [calm, cut, beside] = await Promise.all(
          [office.url, relay.url, gateway.url].map(async (url, at) => {
            const { token } = await addUser(gateway.url, admin, `Office${at}`);
            const page = await openPage(browser, url, { token });
            await watchAnswers(page);
            page.configs = [];
            page.connected = false;
            // Bodies may arrive here in another order than in the page, and of what was cut or left there is none.
            page.on('response', async (response) => {
              const config = /\/api\/config$/.test(response.url());
              const poll = !page.connected && /transport=polling/.test(response.url());
              const text = config || poll ? await response.text().catch(() => '') : '';
              if (config && text) page.configs.push(JSON.parse(text).features.enable_websocket);
              if (poll && /40\{/.test(text)) page.connected = true; // never back to false: a POST's body may come last
            });
            return page;
          }),
        );
        const connects = (page) => page.connected || page.sockets.some(({ received }) => received.some((frame) => /^40\{/.test(frame)));
        const load = async (page) => {
          await page.goto('/?models=words');
          await chatInput(page).waitFor();
        };
        const patient = { ms: 60_000 };
        const shows = (page, count) => until(`${count} words are shown`, async () => (await answerOf(page)).length >= count, patient);
        const found = async () => total(await gateway.metrics(), 'holdfast_polling_fallback_clients_total', { reason: 'no-upgrade' });

        const before = await found(); // clients of other tests
        const noticed = () => until('Holdfast has noticed its network', async () => (await found()) > before, patient);
        // As long as its user is not known: else that user would be remembered, and not the browser, which all of the office have.
        await calm.route(/\/v1\/auths\/$/, (route) => noticed().then(() => route.continue()), { times: 1 });
        await load(calm);
        await until('it was told to try a WebSocket', () => calm.configs.includes(true), patient);
        await until('it has tried one', () => calm.sockets.length > 0, patient);
        await noticed();
        assert.ok(!connects(calm));
        await Promise.all([calm, cut, beside].map(load));
        for (const page of [calm, cut, beside]) await until('the page is connected', () => connects(page), patient);
        await Promise.all([calm, cut, beside].map((page) => say(page, `count ${WORDS} every 20`)));
        for (const words of [80, 180, 280]) {
          await shows(cut, words);
          relay.cut(RST);
          await pause(200);
        }
        await Promise.all([calm, cut, beside].map((page) => shows(page, WORDS)));

        for (const page of [calm, cut, beside]) assert.deepEqual(await answerOf(page), all);
        const seen = await Promise.all([calm, cut, beside].map((page) => verdict(page, WORDS)));
        t.diagnostic(JSON.stringify(seen));
        for (const { missing: gaps, wrong } of seen) assert.deepEqual({ gaps, wrong }, { gaps: 0, wrong: 0 }, 'at every look');
        assert.equal(calm.configs.at(-1), false);
        assert.ok(cut.configs.length > 0 && cut.configs.every((said) => said === false), 'the others of the office need no second load');
        assert.ok(beside.configs.length > 0 && beside.configs.every((said) => said === true));
        assert.ok(beside.sockets.some(({ open }) => open), 'over its WebSocket');
        for (const page of [calm, cut, beside]) await page.context().close();
      });
    });
  });
}
