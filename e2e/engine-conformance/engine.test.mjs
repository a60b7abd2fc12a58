// Engine.IO 4, case by case as in the protocol's own suite (github.com/socketio/engine.io-protocol, MIT), written anew for
// node:test. The second half goes on where that suite ends: errors, upgrades that fail, requests that overlap.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { pause } from '../lib/deadline.mjs';
import { Endpoint } from './peer.mjs';
import { isReference, noTarget, startEngineEcho } from './targets.mjs';

const PING_INTERVAL = 300;
const PING_TIMEOUT = 200;
const KEYS = ['maxPayload', 'pingInterval', 'pingTimeout', 'sid', 'upgrades'];
const HANDSHAKE = { EIO: '4', transport: 'polling' };
const BYTES = Uint8Array.from([1, 2, 3, 4]);

let server, engine;
const skip = noTarget();
before(async () => {
  if (skip) return;
  server = await startEngineEcho();
  engine = new Endpoint(server.url);
  await warm();
}, { timeout: 300_000 });
after(() => server?.stop());

/** A server that loads its classes first may be slower than the half second that a session lives without a pong. */
async function warm() {
  for (let i = 0; i < 10; i++) {
    const session = await engine.pollingSession();
    await session.post('4warm').then(() => session.next()).catch(() => undefined);
    const socket = await engine.websocketSession();
    socket.send('4warm');
    await socket.nextButPing().catch(() => undefined);
    socket.end();
  }
}

async function ok(response, body) {
  assert.equal(response.status, 200);
  same(await response.text(), body);
}

/** Equal, and no megabyte in the report if not. */
function same(actual, expected) {
  const short = (text) => (text.length > 100 ? `${text.slice(0, 20)}… of ${text.length} characters` : text);
  assert.ok(actual === expected, `is ${short(actual)}, should be ${short(expected)}`);
}

async function status(request, expected) {
  const response = await request;
  await response.arrayBuffer(); // or the connection would stay in use
  assert.equal(response.status, expected);
}

function checkHandshake(handshake, upgrades) {
  assert.deepEqual(Object.keys(handshake).sort(), KEYS);
  assert.equal(typeof handshake.sid, 'string');
  assert.deepEqual(handshake.upgrades, upgrades);
  assert.equal(handshake.pingInterval, PING_INTERVAL);
  assert.equal(handshake.pingTimeout, PING_TIMEOUT);
  assert.equal(handshake.maxPayload, 1_000_000);
}

/** A polling session that has become a WebSocket. */
async function upgraded() {
  const session = await engine.pollingSession();
  const socket = session.upgrade();
  await socket.open();
  socket.send('2probe');
  assert.equal(await socket.next(), '3probe');
  socket.send('5');
  return { session, socket };
}

describe('handshake over polling', { skip }, () => {
  it('opens a session', async () => {
    const response = await engine.request(HANDSHAKE);
    assert.equal(response.status, 200);
    const body = await response.text();
    assert.equal(body[0], '0');
    checkHandshake(JSON.parse(body.slice(1)), ['websocket']);
  });

  it("fails with an invalid 'EIO' query parameter", async () => {
    await status(engine.request({ transport: 'polling' }), 400);
    await status(engine.request({ EIO: 'abc', transport: 'polling' }), 400);
  });

  it("fails with an invalid 'transport' query parameter", async () => {
    await status(engine.request({ EIO: '4' }), 400);
    await status(engine.request({ EIO: '4', transport: 'abc' }), 400);
  });

  it('fails with an invalid request method', async () => {
    await status(engine.request(HANDSHAKE, { method: 'POST' }), 400);
    await status(engine.request(HANDSHAKE, { method: 'PUT' }), 400);
  });
});

describe('handshake over WebSocket', { skip }, () => {
  it('opens a session', async () => {
    const socket = await engine.websocketSession();
    checkHandshake(socket.handshake, []);
    socket.end();
  });

  it("fails with an invalid 'EIO' query parameter", async () => {
    await engine.websocket({ transport: 'websocket' }).close();
    await engine.websocket({ EIO: 'abc', transport: 'websocket' }).close();
  });

  it("fails with an invalid 'transport' query parameter", async () => {
    await engine.websocket({ EIO: '4' }).close();
    await engine.websocket({ EIO: '4', transport: 'abc' }).close();
  });
});

describe('messages over polling', { skip }, () => {
  for (const [name, body] of [
    ['one text packet', '4hello'],
    ['several text packets', '4test1\x1e4test2\x1e4test3'],
    ['text and binary packets', '4hello\x1ebAQIDBA=='],
  ]) {
    it(`echoes ${name}`, async () => {
      const session = await engine.pollingSession();
      await ok(await session.post(body), 'ok');
      same(await session.next(), body);
    });
  }

  it('closes the session upon an invalid packet', async () => {
    const session = await engine.pollingSession();
    await session.post('abc').catch(() => undefined); // whatever the answer is, or the connection just ends
    await status(session.get(), 400);
  });

  it('closes the session upon two polls at a time', async () => {
    const session = await engine.pollingSession();
    const first = session.get();
    await pause(20);
    const second = await session.get({ t: 'burst' });
    await ok(await first, '1');
    assert.ok([400, 500].includes(second.status), `status ${second.status}`);
    await status(session.get(), 400);
  });
});

describe('messages over WebSocket', { skip }, () => {
  it('echoes a text packet', async () => {
    const socket = await engine.websocketSession();
    socket.send('4hello');
    assert.equal(await socket.nextButPing(), '4hello');
    socket.end();
  });

  it('echoes a binary packet', async () => {
    const socket = await engine.websocketSession();
    socket.send(BYTES);
    assert.deepEqual(await socket.nextButPing(), BYTES);
    socket.end();
  });

  it('closes the session upon an invalid packet', async () => {
    const socket = await engine.websocketSession();
    socket.send('abc');
    await socket.close();
  });
});

describe('heartbeat', { skip }, () => {
  it('pings and takes pongs over polling', async () => {
    const session = await engine.pollingSession();
    for (let i = 0; i < 3; i++) {
      await ok(await session.get(), '2');
      await ok(await session.post('3'), 'ok');
    }
  });

  it('closes a polling session that does not answer', async () => {
    const session = await engine.pollingSession();
    await pause(PING_INTERVAL + PING_TIMEOUT + 100);
    await status(session.get(), 400);
  });

  it('pings and takes pongs over WebSocket', async () => {
    const socket = await engine.websocketSession();
    for (let i = 0; i < 3; i++) {
      assert.equal(await socket.next(), '2');
      socket.send('3');
    }
    socket.end();
  });

  it('closes a WebSocket session that does not answer', async () => {
    const socket = await engine.websocketSession();
    await socket.close();
  });
});

describe('close', { skip }, () => {
  it('ends a polling session', async () => {
    const session = await engine.pollingSession();
    const poll = session.get();
    await pause(20);
    await ok(await session.post('1'), 'ok');
    await ok(await poll, '6');
    await status(session.get(), 400);
  });

  it('ends a WebSocket session', async () => {
    const socket = await engine.websocketSession();
    socket.send('1');
    await socket.close();
  });
});

describe('upgrade', { skip }, () => {
  it('goes from polling to WebSocket', async () => {
    const session = await engine.pollingSession();
    const socket = session.upgrade();
    await socket.open();
    socket.send('2probe');
    assert.equal(await socket.next(), '3probe');
    await ok(await session.get(), '6');
    socket.send('5', '4hello');
    assert.equal(await socket.nextButPing(), '4hello');
    socket.end();
  });

  it('refuses polling requests of the same session afterwards', async () => {
    const session = await engine.pollingSession();
    const socket = session.upgrade();
    await socket.open();
    socket.send('2probe', '5');
    assert.equal(await socket.next(), '3probe');
    await status(session.get(), 400);
    socket.send('4hello');
    assert.equal(await socket.nextButPing(), '4hello');
    socket.end();
  });

  it('closes a second WebSocket of the same session', async () => {
    const { session, socket } = await upgraded();
    await session.upgrade().close();
    socket.send('4hello');
    assert.equal(await socket.nextButPing(), '4hello');
    socket.end();
  });
});

describe('errors', { skip }, () => {
  for (const [name, parameters, options, expected, code, message] of [
    ['an unknown transport', { EIO: '4', transport: 'abc' }, {}, 400, 0, 'Transport unknown'],
    ['an absent transport', { EIO: '4' }, {}, 400, 0, 'Transport unknown'],
    ['an unknown session', { ...HANDSHAKE, sid: 'nobody' }, {}, 400, 1, 'Session ID unknown'],
    ['a handshake by POST', HANDSHAKE, { method: 'POST', body: '4a' }, 400, 2, 'Bad handshake method'],
    ['a plain GET for a WebSocket', { EIO: '4', transport: 'websocket' }, {}, 400, 3, 'Bad request'],
    ['version 3', { EIO: '3', transport: 'polling' }, {}, 400, 5, 'Unsupported protocol version'],
  ]) {
    it(`names ${name}`, async () => {
      const response = await engine.request(parameters, options);
      assert.equal(response.status, expected);
      assert.match(response.headers.get('content-type'), /^application\/json/);
      const { detail, ...named } = await response.json(); // besides what the reference server says, a sentence for people
      assert.deepEqual(named, { code, message });
    });
  }

  it('knows no session any more that was closed', async () => {
    const session = await engine.pollingSession();
    await ok(await session.post('1'), 'ok');
    const response = await session.get();
    assert.equal(response.status, 400);
    assert.deepEqual(await response.json(), { code: 1, message: 'Session ID unknown' });
  });

  it('says that the transport of a session is another one', async () => {
    const { session, socket } = await upgraded();
    const response = await session.get();
    assert.equal(response.status, 400);
    assert.deepEqual(await response.json(), { code: 3, message: 'Bad request' });
    socket.end();
  });
});

describe('polling in detail', { skip }, () => {
  it('is never stored by caches', async () => {
    const response = await engine.request(HANDSHAKE);
    assert.equal(response.headers.get('cache-control'), 'no-store');
    assert.equal(response.headers.get('content-type'), 'text/plain; charset=UTF-8');
  });

  it('is found without the last slash', { skip: isReference && 'the reference answers only one of the two' }, async () => {
    const response = await fetch(`${server.url.slice(0, -1)}?EIO=4&transport=polling`);
    assert.equal(response.status, 200);
  });

  it('answers a waiting poll as soon as there is a message', async () => {
    const session = await engine.pollingSession();
    const poll = session.get();
    await pause(20);
    await ok(await session.post('4hello'), 'ok');
    await ok(await poll, '4hello');
  });

  it('keeps text of several bytes a character', async () => {
    const session = await engine.pollingSession();
    await ok(await session.post('4€ 世界 😀'), 'ok');
    same(await session.next(), '4€ 世界 😀');
  });

  it('takes a body that comes in chunks', async () => {
    const session = await engine.pollingSession();
    const body = new ReadableStream({
      start(stream) {
        for (const part of ['4he', 'llo']) stream.enqueue(new TextEncoder().encode(part));
        stream.close();
      },
    });
    await ok(await session.post(body, { duplex: 'half' }), 'ok');
    same(await session.next(), '4hello');
  });

  it('refuses a body larger than maxPayload', async () => {
    const session = await engine.pollingSession();
    const response = await session.post(`4${'x'.repeat(1_000_000)}`).catch(() => undefined);
    if (response) assert.equal(response.status, 413);
  });

  it('takes a body of just maxPayload', async () => {
    const session = await engine.pollingSession();
    const body = `4${'x'.repeat(999_999)}`;
    await ok(await session.post(body), 'ok');
    same(await session.next(), body);
  });

  it('refuses binary bodies', async () => {
    const session = await engine.pollingSession();
    await status(session.post(BYTES, { headers: { 'Content-Type': 'application/octet-stream' } }), 400);
  });

  it('refuses JSONP', { skip: isReference && 'the reference still answers it' }, async () => {
    await status(engine.request({ ...HANDSHAKE, j: '0' }), 400);
  });

  it('closes the session of a client that pings', async () => {
    const session = await engine.pollingSession();
    await session.post('2').catch(() => undefined);
    await status(session.get(), 400);
  });

  it('closes the session whose poll was abandoned', async () => {
    const session = await engine.pollingSession();
    const abandon = new AbortController();
    const poll = engine.request({ ...HANDSHAKE, sid: session.sid }, { signal: abandon.signal }).catch(() => undefined);
    await pause(50);
    abandon.abort();
    await poll;
    await pause(50);
    await status(session.get(), 400);
  });
});

describe('WebSocket in detail', { skip }, () => {
  it('closes upon a message larger than maxPayload', async () => {
    const socket = await engine.websocketSession();
    socket.send(`4${'x'.repeat(1_000_000)}`);
    assert.equal((await socket.close()).code, 1009);
  });

  it('echoes a message of just maxPayload', async () => {
    const socket = await engine.websocketSession();
    const message = `4${'x'.repeat(999_999)}`;
    socket.send(message);
    same(await socket.nextButPing(), message);
    socket.end();
  });

  it('closes upon a ping of the client', async () => {
    const socket = await engine.websocketSession();
    socket.send('2');
    await socket.close();
  });

  it('closes upon an empty message', async () => {
    const socket = await engine.websocketSession();
    socket.send('');
    await socket.close();
  });

  it('pings on schedule while messages go both ways', async () => {
    const socket = await engine.websocketSession();
    const begin = Date.now();
    let pings = 0;
    while (pings < 3) {
      socket.send('4busy');
      const message = await socket.next();
      if (message === '2') {
        pings++;
        socket.send('3');
      }
      await pause(5);
    }
    assert.ok(Date.now() - begin >= 3 * PING_INTERVAL - 100, 'not earlier than due');
    socket.end();
  });

  it('refuses an unknown session', async () => {
    const { status: refused } = await engine.websocket({ EIO: '4', transport: 'websocket', sid: 'nobody' }).close();
    assert.equal(refused, 400);
  });
});

describe('upgrades that go wrong', { skip }, () => {
  it('leaves polling as it is when the WebSocket does not probe', async () => {
    const session = await engine.pollingSession();
    const socket = session.upgrade();
    await socket.open();
    socket.send('4hello');
    await socket.close();
    await ok(await session.post('4still here'), 'ok');
    same(await session.next(), '4still here');
  });

  it('leaves polling as it is when the WebSocket goes away', async () => {
    const session = await engine.pollingSession();
    const socket = session.upgrade();
    await socket.open();
    socket.send('2probe');
    assert.equal(await socket.next(), '3probe');
    socket.end();
    await pause(50);
    await ok(await session.post('4still here'), 'ok');
    same(await session.next(), '4still here');
  });

  it('answers every poll during an upgrade', async () => {
    const session = await engine.pollingSession();
    const poll = session.get();
    const socket = session.upgrade();
    await socket.open();
    socket.send('2probe');
    assert.equal(await socket.next(), '3probe');
    await ok(await poll, '6');
    await ok(await session.get(), '6');
    socket.send('5', '4hello');
    assert.equal(await socket.nextButPing(), '4hello');
    socket.end();
  });

  it('sends nothing on the WebSocket before it has taken over', async () => {
    const session = await engine.pollingSession();
    const socket = session.upgrade();
    await socket.open();
    socket.send('2probe');
    assert.equal(await socket.next(), '3probe');
    await ok(await session.post('4early'), 'ok');
    const polled = await (await session.get()).text();
    socket.send('5');
    if (polled === '6') assert.equal(await socket.nextButPing(), '4early');
    else assert.equal(polled, '4early');
    socket.end();
  });

  it('closes a second WebSocket that comes while the first one probes', async () => {
    const session = await engine.pollingSession();
    const first = session.upgrade();
    await first.open();
    first.send('2probe');
    assert.equal(await first.next(), '3probe');
    await session.upgrade().close();
    first.send('5', '4hello');
    assert.equal(await first.nextButPing(), '4hello');
    first.end();
  });
});
