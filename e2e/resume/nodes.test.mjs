// C6: several nodes, and a load balancer that sends each request to the next one. Clients come back to any node, and nothing is lost.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../lib/deadline.mjs';
import { noHoldfast } from '../lib/gateway.mjs';
import { assertLedger, resumes, total } from '../lib/metrics.mjs';
import { noNodes, startNodes } from '../lib/nodes.mjs';
import { RST, startRelay } from '../lib/relay.mjs';
import { Client, every } from './client.mjs';
import { startUpstream } from './upstreams.mjs';
import { assertComplete, faults } from './words.mjs';

const together = { concurrency: true };
const WORDS = 400;

describe('three nodes', { skip: noHoldfast() || noNodes() }, () => {
  const relays = [];
  let recovered = 0;
  let upstream;
  let gateway;
  before(async () => {
    upstream = await startUpstream('node');
    gateway = await startNodes(3, [upstream.url]);
  });
  after(async () => {
    for (const relay of relays) relay.close();
    await gateway?.stop();
    await upstream?.stop();
  });

  async function relayed(options) {
    const relay = await startRelay(gateway.port);
    relays.push(relay);
    return { relay, client: await new Client({ ...options, url: relay.url }).open() };
  }

  test('eachWordComesOnceThoughEachRequestGoesToAnotherNode', together, async (t) => {
    await Promise.all(
      every.map((one) =>
        t.test(one.label, async () => {
          const { relay, client } = await relayed(one);
          client.stream(WORDS);
          for (const [nth, seen] of [50, 150, 250].entries()) {
            await client.sees(seen);
            await client.loses(relay, RST);
            await client.connected(nth + 2);
          }
          await client.sees(WORDS);
          await client.echo('after all words');
          const [{ id }, ...again] = client.connects;
          assert.deepEqual(again.map((it) => [it.id, it.recovered]), again.map(() => [id, true]));
          assertComplete(client.words, WORDS);
          assert.deepEqual(client.changed, []);
          recovered += again.length;
          client.leave();
        }),
      ),
    );
  });

  test('theNodesAgreeOnWhatHappened', async () => {
    await until('all sessions have ended', async () => total(await gateway.metrics(), 'holdfast_sessions') === 0);
    const text = await gateway.metrics();
    assert.deepEqual(await resumes(gateway), { recovered, expired: 0, trimmed: 0, foreign: 0, unknown: 0 });
    assert.ok(total(text, 'holdfast_splices_asked_total', { result: 'joined' }) > 0, 'some came back to another node');
    assert.ok(total(text, 'holdfast_node_requests_total', { result: 'answered' }) > 0, 'some requests were passed on');
    assert.equal(total(text, 'holdfast_splices_asked_total') - total(text, 'holdfast_splices_asked_total', { result: 'joined' }), 0);
    await until('no splice is left', async () => total(await gateway.metrics(), 'holdfast_splices') === 0);
    assert.equal((await assertLedger(gateway)).waiting, 0);
  });

  test('eachWordComesOnceThoughEveryNodeIsRestarted', async () => {
    const rolling = await startNodes(3, [upstream.url], {
      name: 'rolling',
      set: { 'drain.timeout': '9s', 'switchover.lag': '400ms', 'relink.rate': '200', 'resume.parked-per-user': '100' },
    });
    const clients = await Promise.all(every.map((one) => new Client({ ...one, url: rolling.url }).open()));
    try {
      const count = 1600;
      for (const client of clients) client.stream(count, { every: 25 });
      await Promise.all(clients.map((client) => client.sees(1)));
      for (let n = 0; n < rolling.nodes.length; n++) {
        const exit = await rolling.restart(n);
        assert.equal(exit.code, 0);
        await until('all clients are connected', () => clients.every(({ socket }) => socket.connected));
      }
      await Promise.all(clients.map((client) => client.sees(count, 60_000)));
      for (const [n, client] of clients.entries()) {
        assert.deepEqual(faults(client.words, count), { missing: [], repeated: 0, reordered: 0 }, `${every[n].label}: ${client.history.join(', ')}`);
        assert.deepEqual(client.changed, []);
      }
      const often = clients.map(({ history }, n) => `${every[n].label}: ${history.join(', ')}`).filter((_, n) => clients[n].partings.length > rolling.nodes.length);
      assert.deepEqual(often, [], 'they reconnected more than once for a restart');
      const text = await rolling.metrics();
      const unsure = (labels) => total(text, 'holdfast_switchovers_total', { result: 'unsure', ...labels });
      assert.equal(unsure() - unsure({ reason: 'no-fences' }), 0);
    } finally {
      for (const client of clients) client.leave();
      await rolling.stop();
    }
  });

  test('clientsOfANodeThatIsKilledStartAfreshElsewhere', async () => {
    const [killed] = gateway.nodes;
    const clients = await Promise.all(Array.from({ length: 6 }, () => new Client({ url: gateway.url }).open()));
    // A balancer may choose at random, and pass this node by.
    while (total(await killed.metrics(), 'holdfast_sessions') === 0) clients.push(await new Client({ url: gateway.url }).open());

    await killed.stop('SIGKILL');
    gateway.balancer.remove(killed.port);

    await until('all have an answer again', async () => {
      const settled = clients.every(({ socket }) => socket.connected);
      return settled && clients.some(({ connects }) => connects.length > 1);
    }, { ms: 20_000 });
    await Promise.all(clients.map((client) => client.echo('still there')));
    assert.ok(clients.some(({ connects }) => connects.at(-1).recovered === false));
    for (const client of clients) client.leave();
  });
});
