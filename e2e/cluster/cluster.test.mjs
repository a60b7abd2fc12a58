// C6 behind real load balancers that know no session: a thousand clients on polling, each of whose requests goes to any node; and a
// handshake, its requests and its upgrade at nodes that are not the same.
import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { WebSocket } from 'ws';
import { until, within } from '../lib/deadline.mjs';
import { noHoldfast } from '../lib/gateway.mjs';
import { assertLedger, total } from '../lib/metrics.mjs';
import { noNodes, startNodes } from '../lib/nodes.mjs';
import { faults } from '../resume/words.mjs';
import { startUpstream } from '../resume/upstreams.mjs';
import { Poller } from './poller.mjs';

const CLIENTS = 1_000;
const WORDS = 8;
const EVERY_MS = 2_000;
const AT_ONCE = 50;

for (const balancer of ['nginx', 'haproxy']) {
  describe(`two nodes behind ${balancer}`, { skip: noHoldfast() || noNodes(balancer) }, () => {
    const agent = new Agent({ keepAlive: true });
    let upstream;
    let gateway;
    before(async () => {
      upstream = await startUpstream('node');
      gateway = await startNodes(2, [upstream.url], { balancer, set: { 'limits.connections-per-address': 10_000 } });
    });
    after(async () => {
      agent.destroy();
      await gateway?.stop();
      await upstream?.stop();
    });

    test('aThousandPollingClientsMissNoWord', async (t) => {
      const clients = Array.from({ length: CLIENTS }, (_, n) => new Poller(gateway.url, `poller-${n}`, agent));
      for (let at = 0; at < CLIENTS; at += AT_ONCE) {
        const some = clients.slice(at, at + AT_ONCE);
        await Promise.all(some.map((client) => client.open()));
        await Promise.all(some.map((client) => client.send(`42${JSON.stringify(['stream', { count: WORDS, every: EVERY_MS }])}`)));
      }
      const counts = await Promise.all(gateway.nodes.map(async (node) => total(await node.metrics(), 'holdfast_sessions')));
      t.diagnostic(`sessions of the nodes: ${counts}`);
      assert.equal(counts[0] + counts[1], CLIENTS);
      assert.ok(Math.min(...counts) > CLIENTS / 4, 'both have many');

      const begun = Date.now();
      const settled = () => clients.every(({ words, faults: failed }) => words.includes(WORDS) || failed.length > 0);
      await until('all have the last word, or a fault', settled, { ms: 120_000, every: 200 });

      t.diagnostic(`all had their ${WORDS} words ${Date.now() - begun} ms after the last had asked`);
      const wrong = clients.filter(({ words, faults: failed }) => failed.length > 0 || faults(words, WORDS).missing.length > 0);
      assert.deepEqual(wrong.slice(0, 5).map(({ name, words, faults: failed }) => ({ name, words, failed })), [], `${wrong.length} are not well`);
      const disturbed = clients.map(({ words }) => faults(words, WORDS)).filter(({ repeated, reordered }) => repeated + reordered > 0);
      assert.equal(disturbed.length, 0, 'none had a word twice, or too early');
      const text = await gateway.metrics();
      const passedOn = total(text, 'holdfast_node_requests_total', { result: 'answered' });
      t.diagnostic(`${passedOn} requests were passed on from one node to the other`);
      assert.ok(passedOn > CLIENTS, 'many requests came to the other node');
      assert.equal(total(text, 'holdfast_node_requests_total', { result: 'failed' }), 0);

      await Promise.all(clients.map((client) => client.leave()));
      await until('all sessions have ended', async () => total(await gateway.metrics(), 'holdfast_sessions') === 0);
      assert.equal((await assertLedger(gateway)).waiting, 0);
    });

    test('anUpgradeArrivesAtAnotherNodeThanItsHandshake', async () => {
      const [home, other] = gateway.nodes;
      const path = '/ws/socket.io/?EIO=4';
      const asked = async (node, query, body) => {
        const answer = await fetch(`${node.url}${path}&transport=polling${query}`, { method: body ? 'POST' : 'GET', body });
        assert.equal(answer.status, 200);
        return answer.text();
      };
      const { sid } = JSON.parse((await asked(home, '')).slice(1));
      await asked(other, `&sid=${sid}`, '40{"name":"upgraded"}');
      assert.match(await asked(other, `&sid=${sid}`), /^40\{"sid"/);

      const socket = new WebSocket(`${other.url.replace('http', 'ws')}${path}&transport=websocket&sid=${sid}`);
      const packets = [];
      socket.on('message', (data) => packets.push(data.toString()));
      const gets = (packet) => until(`packet ${packet}, so far ${packets}`, () => packets.includes(packet), { every: 10 });
      await within(10_000, 'the upgrade', new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject)));
      const poll = asked(home, `&sid=${sid}`); // is released when the probe has come
      socket.send('2probe');
      await gets('3probe');
      assert.equal(await within(10_000, 'the poll', poll), '6');
      socket.send('5');
      socket.send('421["echo","over the other node"]');
      await gets('431["over the other node"]');
      assert.equal(total(await home.metrics(), 'holdfast_transports', { kind: 'websocket' }), 1);
      assert.equal(total(await other.metrics(), 'holdfast_node_websockets'), 1);

      socket.close();
      await until('nothing is left of it', async () => total(await other.metrics(), 'holdfast_node_websockets') === 0);
    });
  });
}
