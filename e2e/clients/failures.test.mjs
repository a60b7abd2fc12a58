// An upstream that is away, a gateway that stops: what clients see of it.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { io } from 'socket.io-client-4.7.5';
import { until, within } from '../lib/deadline.mjs';
import { noHoldfast, startHoldfast } from '../lib/gateway.mjs';
import { Engine, refusal } from './engine.mjs';
import { startUpstream } from './upstreams.mjs';

const quick = { 'upstream.health-interval': '500ms' };
/** A transport is kept open while its upstream is away, but not for ever. What it is kept for is tried in the part `resume`. */
const soon = { ...quick, 'relink.give-up': '1s' };

describe('failures', { skip: noHoldfast() }, () => {
  const started = [];
  after(async () => {
    for (const program of started.reverse()) await program.stop();
  });
  const keep = (program) => {
    started.push(program);
    return program;
  };

  test('anUpstreamThatStaysAwayRefusesBeforeTheUpgradeAndClosesAfterIt', async () => {
    const upstream = keep(await startUpstream('node'));
    const gateway = keep(await startHoldfast([upstream.url], { set: soon }));
    const client = await Engine.open(gateway.url);
    await client.connect();
    await client.says(/welcome/);

    await upstream.stop('SIGKILL');

    await within(15_000, 'the transport is closed', client.closed);
    assert.deepEqual(client.packets.filter((packet) => /^4[14]/.test(packet)), [], 'neither 41 nor 44');
    await until('not ready', async () => !(await gateway.isReady()));
    const refused = await refusal(gateway.url);
    assert.equal(refused.statusCode, 503);
    assert.match(refused.headers['retry-after'], /^\d+$/);
    const polled = await fetch(`${gateway.url}/ws/socket.io/?EIO=4&transport=polling`);
    assert.equal(polled.status, 503);
    assert.match(polled.headers.get('retry-after'), /^\d+$/);

    keep(await startUpstream('node', { port: upstream.port }));
    await until('ready again', () => gateway.isReady());
    const again = await Engine.open(gateway.url);
    await again.connect();
    again.close();
  });

  test('aRealClientComesBackByItselfWhenItsUpstreamWasAwayForTooLong', async () => {
    const upstream = keep(await startUpstream('node'));
    const gateway = keep(await startHoldfast([upstream.url], { set: soon }));
    const socket = io(gateway.url, { path: '/ws/socket.io', transports: ['websocket'], forceNew: true, reconnectionDelay: 200, reconnectionDelayMax: 500, auth: { name: 'restart' } });
    const errors = [];
    socket.on('disconnect', (reason) => errors.push(reason));
    await within(10_000, 'connect', new Promise((resolve) => socket.once('connect', resolve)));

    await upstream.stop('SIGKILL');
    await until('the client has noticed', () => errors.length > 0);
    const connected = new Promise((resolve) => socket.once('connect', resolve));
    keep(await startUpstream('node', { port: upstream.port }));

    await within(20_000, 'connected again', connected);
    assert.ok(errors.every((reason) => reason === 'transport close'), String(errors));
    socket.disconnect();
  });

  test('sigtermDrainsAndExitsWithZero', async () => {
    const upstream = keep(await startUpstream('node'));
    const gateway = keep(await startHoldfast([upstream.url], { set: { 'drain.timeout': '60s' } }));
    const clients = await Promise.all(Array.from({ length: 20 }, () => Engine.open(gateway.url)));
    await Promise.all(clients.map((client) => client.connect()));
    const polling = io(gateway.url, { path: '/ws/socket.io', transports: ['polling'], forceNew: true, reconnection: false, auth: { name: 'drain' } });
    const parted = new Promise((resolve) => polling.once('disconnect', resolve));
    await within(10_000, 'connect', new Promise((resolve) => polling.once('connect', resolve)));

    const held = await fetch(`${gateway.url}/held`); // keeps the process until it is released

    gateway.signal('SIGTERM');

    const refused = await until('new sessions are refused', async () => {
      const answer = await fetch(`${gateway.url}/ws/socket.io/?EIO=4&transport=polling`).catch(() => undefined);
      return answer?.status === 503 && answer;
    }, { every: 5 });
    assert.match(refused.headers.get('retry-after'), /^\d+$/);
    assert.equal((await refusal(gateway.url)).statusCode, 503);
    assert.equal(await gateway.isReady(), false);
    await within(15_000, 'all transports are closed', Promise.all([...clients.map((client) => client.closed), parted]));
    for (const client of clients) assert.deepEqual(client.packets.filter((packet) => /^4[14]/.test(packet)), []);
    await fetch(`${upstream.url}/release`);
    assert.equal(await held.text(), 'begun, finished', 'the request in flight was not cut');
    assert.deepEqual(await within(15_000, 'Holdfast ends', gateway.exited), { code: 0, signal: null });
  });
});
