// C7: a user's sockets and HTTP requests go to one upstream; and what a busy run leaves in the log.
import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { io } from 'socket.io-client-newest';
import { within } from '../lib/deadline.mjs';
import { noHoldfast, startHoldfast } from '../lib/gateway.mjs';
import { startUpstream } from './upstreams.mjs';

const secret = 'a secret key of Open WebUI, shared';
const base64 = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token as Open WebUI makes them. */
function tokenOf(user) {
  const signed = `${base64({ alg: 'HS256', typ: 'JWT' })}.${base64({ id: user, exp: 4_000_000_000 })}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

describe('users and upstreams', { skip: noHoldfast() }, () => {
  const users = Array.from({ length: 12 }, (_, n) => `user-${n}`);
  const cookieSecret = randomBytes(12).toString('hex');
  const engineSids = [];
  const whereOf = new Map(users.map((user) => [user, new Set()]));
  let upstreams;
  let gateway;

  before(async () => {
    upstreams = await Promise.all([1, 2, 3].map((n) => startUpstream('node', { name: `upstream-${n}` })));
    gateway = await startHoldfast(upstreams.map(({ url }) => url), {
      set: { 'auth.secret-key': secret, 'logging.access': true, 'logging.level': 'debug' },
    });
  });
  after(async () => {
    await gateway?.stop();
    for (const upstream of upstreams ?? []) await upstream.stop();
  });

  async function visit(user) {
    const token = tokenOf(user);
    const note = (pid) => whereOf.get(user).add(pid);
    const http = async (headers) => note(await (await fetch(`${gateway.url}/pid`, { headers })).json());
    for (const transports of [['websocket'], ['polling'], ['polling', 'websocket']]) {
      const extraHeaders = { Cookie: `session=${cookieSecret}` };
      const socket = io(gateway.url, { path: '/ws/socket.io', transports, forceNew: true, reconnection: false, auth: { token, name: user }, extraHeaders });
      await within(15_000, 'connect', new Promise((resolve, reject) => socket.once('connect', resolve).once('connect_error', reject)));
      engineSids.push(socket.io.engine.id);
      const pid = await within(15_000, 'answer', new Promise((resolve) => socket.emit('pid', resolve)));
      note(pid);
      socket.disconnect();
    }
    await http({ Authorization: `Bearer ${token}` });
    await http({ Cookie: `other=1; token=${token}` });
  }

  test('aUsersSocketsAndRequestsMeetOneUpstream', async () => {
    for (const user of users) await visit(user);
    for (const [user, pids] of whereOf) assert.equal(pids.size, 1, `${user} was on ${pids.size} upstreams`);
    const used = new Set([...whereOf.values()].flatMap((pids) => [...pids]));
    assert.ok(used.size > 1, 'not all users on one upstream');
  });

  test('theLogOfABusyRunHasNoSecrets', async () => {
    await gateway.stop();
    const log = gateway.output;
    assert.ok(log.length > 1000, 'the run was logged');
    const secrets = [secret, cookieSecret, ...engineSids, ...users.map(tokenOf), ...users.map((user) => tokenOf(user).split('.')[2])];
    for (const value of secrets) assert.ok(!log.includes(value), `the log has ${value}`);
  });
});
