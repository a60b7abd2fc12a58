// A real browser on the page of an attacker: what it sends to Holdfast opens no session, whatever the page tries.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { chromium } from 'playwright-core';
import { startHttpUpstream } from '../http/upstream.mjs';
import { until } from '../lib/deadline.mjs';
import { noHoldfast, startHoldfast } from '../lib/gateway.mjs';
import { total } from '../lib/metrics.mjs';
import { missing } from '../lib/paths.mjs';
import { browserPath } from '../openwebui/page.mjs';

const ENDPOINT = '/ws/socket.io/?EIO=4&transport=';

/** Runs in the page: what each attempt gives it. */
async function attempts({ base, endpoint, named }) {
  const webSocket = (...protocols) =>
    new Promise((resolve) => {
      const socket = new WebSocket(`${base.replace('http', 'ws')}${endpoint}websocket`, protocols);
      socket.onmessage = () => resolve('open');
      socket.onclose = () => resolve('closed');
    });
  const send = (query, options) => fetch(`${base}${endpoint}polling${query}`, { credentials: 'include', ...options });
  const session = async (options) => {
    const opened = await send('', options);
    if (opened.status !== 200) return opened.status;
    const { sid } = JSON.parse((await opened.text()).slice(1));
    return (await send(`&sid=${sid}`, { ...options, method: 'POST', body: '40' })).status;
  };
  const headers = { 'X-Forwarded-Host': named };
  return {
    webSocket: await webSocket(),
    webSocketWithSubprotocol: await webSocket('x-forwarded-host', named.replace(/:.*/, '')),
    session: await session({}).catch(() => 'failed'),
    sessionWithForwardedHost: await session({ headers }).catch(() => 'failed'),
    blindPost: await send('&sid=x', { method: 'POST', body: '40', mode: 'no-cors', headers }).then(({ type, status }) => `${type} ${status}`),
  };
}

/** Its sessions with a CONNECT so far. */
const sessionsOf = async (gateway) => total(await gateway.metrics(), 'holdfast_sessions_opened_total');

describe('a page of an attacker', { skip: noHoldfast() || missing(browserPath) }, () => {
  const running = [];
  let open;
  let listed;
  let evil;
  let browser;
  before(async () => {
    const upstream = await startHttpUpstream();
    evil = createServer((request, response) => response.setHeader('Content-Type', 'text/html').end('<p>Look at the kittens'));
    await new Promise((resolve) => evil.listen(0, '127.0.0.1', resolve));
    [open, listed] = await Promise.all([
      startHoldfast([upstream.url], { name: 'without-list' }),
      startHoldfast([upstream.url], { name: 'with-list', set: { 'socketio.origins': 'https://chat.example.org' } }),
    ]);
    // The name of the attacker leads to this machine, as after DNS rebinding, and so does the victim's.
    const flags = ['--no-sandbox', '--host-resolver-rules=MAP *.example 127.0.0.1'];
    browser = await chromium.launch({ executablePath: browserPath, args: flags });
    running.push(upstream, open, listed);
  });
  after(async () => {
    await browser?.close();
    evil?.close();
    for (const one of running) await one.stop();
  });

  /** What a page at this address can do to a Holdfast that it knows by this name. */
  async function attack(page, base) {
    const tab = await browser.newPage();
    try {
      await tab.goto(page);
      return await tab.evaluate(attempts, { base, endpoint: ENDPOINT, named: new URL(page).host });
    } finally {
      await tab.close();
    }
  }

  test('ofAnotherHostGetsNothing', async () => {
    const got = await attack(`http://evil.example:${evil.address().port}/`, `http://chat.example:${open.port}`);

    assert.deepEqual(got, {
      webSocket: 'closed',
      webSocketWithSubprotocol: 'closed',
      session: 'failed',
      sessionWithForwardedHost: 'failed',
      blindPost: 'opaque 0',
    });
    assert.equal(await sessionsOf(open), 0);
    assert.match(open.output, /refused a request of .*\(origin\): Origin is 'http:\/\/evil\.example:\d+'/);
  });

  test('whoseNameIsReboundGetsNothingWhereOriginsAreListed', async () => {
    const rebound = `http://evil.example:${listed.port}`;
    const got = await attack(`${rebound}/headers`, rebound);

    // Its GETs have no Origin, and open a transport; nothing follows.
    assert.deepEqual(got, {
      webSocket: 'closed',
      webSocketWithSubprotocol: 'closed',
      session: 403,
      sessionWithForwardedHost: 403,
      blindPost: 'basic 403',
    });
    assert.equal(await sessionsOf(listed), 0);
  });

  test('isNotHoldfastsOwnWhichGetsASession', async () => {
    const own = `http://chat.example:${open.port}`;
    const got = await attack(`${own}/headers`, own);

    assert.deepEqual([got.webSocket, got.session, got.sessionWithForwardedHost], ['open', 200, 200]);
    await until('they are open', async () => (await sessionsOf(open)) === 2);
  });
});
