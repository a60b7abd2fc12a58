// C2 and C3 by the protocol: what a transport or a link that breaks in the middle of a stream costs a client. The same
// scripts without Holdfast, by a plain relay to the upstream, have to show the loss.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../lib/deadline.mjs';
import { noHoldfast, startHoldfast } from '../lib/gateway.mjs';
import { assertLedger, resumes, total } from '../lib/metrics.mjs';
import { missing, python } from '../lib/paths.mjs';
import { FIN, RST, startRelay } from '../lib/relay.mjs';
import { Client, every, programs, transports } from './client.mjs';
import { startUpstream } from './upstreams.mjs';
import { assertComplete, faults } from './words.mjs';

const WORDS = 400;
// All clients here are of one address and have no user: more of them are away at a time than an address usually may have.
const quick = { 'upstream.health-interval': '500ms', 'resume.parked-per-user': 1000 };
const together = { concurrency: true };
const controls = Object.entries(transports).map(([by, through]) => ({ label: `without Holdfast by ${by}`, through }));

for (const kind of ['node', 'python']) {
  describe(`transport cut, upstream ${kind}`, { skip: noHoldfast() || (kind === 'python' && missing(python)) }, () => {
    let upstream;
    const relays = [];
    let gateway;
    let recovered = 0;
    before(async () => {
      upstream = await startUpstream(kind);
      gateway = await startHoldfast([upstream.url], { set: quick });
    });
    after(async () => {
      for (const relay of relays) relay.close();
      await gateway?.stop();
      await upstream?.stop();
    });

    /** Runs the script for each client through a relay of its own; returns what the script does. */
    async function withRelay(port, options, script) {
      const relay = await startRelay(port);
      relays.push(relay);
      const client = new Client({ ...options, url: relay.url });
      try {
        await client.open();
        await script(client, relay);
      } finally {
        client.leave();
      }
    }

    async function twoCuts(client, relay) {
      client.stream(WORDS);
      await client.sees(100);
      await client.loses(relay, RST);
      await client.connected(2);
      await client.sees(250);
      await client.loses(relay, FIN);
      await client.connected(3);
      await upstream.noted(client.name, 'streamed', WORDS);
      await client.echo('after all words');
    }

    async function awayAtTheEnd(client, relay) {
      client.stream(WORDS);
      await client.sees(150);
      relay.offline(RST);
      await upstream.noted(client.name, 'streamed', WORDS);
      await until('the client has tried in vain', () => client.errors.length > 0);
      relay.restore();
      await client.connected(2);
      await client.echo('after all words');
    }

    /** The first session went on, and nothing is missing, repeated, out of order or changed. */
    function assertNothingHappened(client) {
      const [{ id }] = client.connects;
      const again = client.connects.slice(1);
      assert.deepEqual(again.map((one) => [one.id, one.recovered]), again.map(() => [id, true]));
      assertComplete(client.words, WORDS);
      assert.deepEqual(client.changed, []);
      recovered += again.length;
    }

    for (const [claim, script, loss] of [
      ['eachWordComesOnceThoughTheTransportIsCutTwice', twoCuts, 2],
      ['nothingIsMissingAfterAnAbsenceAcrossTheEnd', awayAtTheEnd, 150],
    ]) {
      test(claim, together, async (t) => {
        const held = every.map((one) =>
          t.test(one.label, () =>
            withRelay(gateway.port, one, async (client, relay) => {
              await script(client, relay);
              assertNothingHappened(client);
            }),
          ),
        );
        const lost = controls.map((one) =>
          t.test(one.label, () =>
            withRelay(upstream.port, one, async (client, relay) => {
              await script(client, relay);
              const { missing: words } = faults(client.words, WORDS);
              assert.ok(words.length >= loss, `only ${words.length} words were lost`);
              assert.ok(client.connects.every((one) => !one.recovered), 'a fresh session each time');
            }),
          ),
        );
        await Promise.all([...held, ...lost]);
      });
    }

    test('aProgramMissesNothingAtItsFirstReturnAndGetsEachWordOnceLater', together, async (t) => {
      await Promise.all(
        programs.map((one) =>
          t.test(one.label, () =>
            withRelay(gateway.port, one, async (client, relay) => {
              client.stream(WORDS);
              await client.sees(100);
              assert.deepEqual(client.others, [], 'nothing but words');
              await client.loses(relay, RST);
              await client.connected(2);
              await client.sees(250);
              const before = client.words.length;
              await client.loses(relay, FIN);
              await client.connected(3);
              await client.sees(WORDS);
              await client.echo('after all words');
              const { missing: words, reordered } = faults(client.words, WORDS);
              assert.deepEqual({ words, reordered, changed: client.changed }, { words: [], reordered: 0, changed: [] });
              assert.deepEqual(client.connects.map((again) => again.recovered), [false, true, true]);
              const later = client.words.slice(before - 1);
              assert.equal(new Set(later).size, later.length, 'each once');
              assert.deepEqual(new Set(client.others.map(([event]) => event)), new Set(['~o']));
              recovered += 2;
            }),
          ),
        ),
      );
    });

    test('aCutInsideAFrameCostsNothing', together, async (t) => {
      const chosen = every.filter(({ label, mode }) => mode === 'argument' || label.startsWith('4.7.5'));
      const cuts = 12;
      const script = async (client, relay) => {
        client.stream(1200, { every: 2, binary: true });
        for (let cut = 1; cut <= cuts; cut++) {
          await client.losesBehind(relay, 700 + ((cut * 7919) % 613), cut % 2 ? RST : FIN);
          await client.connected(cut + 1);
        }
        await client.sees(1200);
        await client.echo('after all words');
      };
      await Promise.all(
        chosen.map((one) =>
          t.test(one.label, () =>
            withRelay(gateway.port, { ...one, binary: true }, async (client, relay) => {
              await script(client, relay);
              const { missing: words, reordered } = faults(client.words, 1200);
              assert.deepEqual({ words, reordered, changed: client.changed }, { words: [], reordered: 0, changed: [] });
              // An event and its marker are frames of one write, and some small events with theirs too: those before a cut inside
              // come again. With the offset as an argument nothing does, binary or not, nor by polling: a body comes whole or not.
              const relapses = client.words.filter((n, at) => at > 0 && n <= client.words[at - 1]).length;
              const again = client.words.filter((n, at) => client.words.indexOf(n) !== at);
              assert.ok(relapses <= cuts, `${relapses} times from an earlier word on`);
              if (one.mode === 'argument' || one.through.at(-1) === 'polling') assert.deepEqual(again, []);
              recovered += client.connects.length - 1;
            }),
          ),
        ),
      );
    });

    test('theLedgerAddsUp', async () => {
      await until('all sessions have ended', async () => total(await gateway.metrics(), 'holdfast_sessions') === 0);
      const ledger = await assertLedger(gateway);
      assert.equal(ledger.waiting, 0);
      assert.deepEqual(await resumes(gateway), { recovered, expired: 0, trimmed: 0, foreign: 0, unknown: 0 });
    });
  });

  describe(`link cut, upstream ${kind}`, { skip: noHoldfast() || (kind === 'python' && missing(python)) }, () => {
    let upstream;
    let link;
    let gateway;
    let clients = [];
    let plain = [];
    before(async () => {
      upstream = await startUpstream(kind);
      link = await startRelay(upstream.port);
      gateway = await startHoldfast([link.url], { set: quick });
      clients = every.map((one) => Object.assign(new Client({ ...one, url: gateway.url }), { label: one.label }));
      plain = await Promise.all(
        controls.map(async ({ label, through }) => {
          const relay = await startRelay(upstream.port);
          return Object.assign(new Client({ through, url: relay.url }), { label, relay });
        }),
      );
      await Promise.all([...clients, ...plain].map((client) => client.open()));
    });
    after(async () => {
      for (const client of [...clients, ...plain]) client.leave();
      for (const { relay } of plain) relay.close();
      await gateway?.stop();
      link?.close();
      await upstream?.stop();
    });

    /** The transport is the one that it was, and the socket was told of a new session on it. */
    function assertRelinked(client, times) {
      assert.deepEqual(client.partings, [], 'no disconnect');
      assert.deepEqual(client.errors, []);
      assert.equal(client.connects.length, times);
      assert.equal(new Set(client.connects.map(({ id }) => id)).size, times, 'a new id each time');
      assert.equal(new Set(client.connects.map(({ engine }) => engine)).size, 1, 'the same transport');
    }

    test('aLinkThatIsCutMidStreamIsReplacedBehindAnOpenTransport', together, async (t) => {
      for (const client of [...clients, ...plain]) client.stream(WORDS);
      await Promise.all([...clients, ...plain].map((client) => client.sees(150)));
      const before = new Map(clients.map((client) => [client, client.words.length]));

      link.cut();

      const kept = clients.map((client) =>
        t.test(client.label, async () => {
          await client.connected(2);
          await client.sees(WORDS);
          await client.echo('after all words');
          assertRelinked(client, 2);
          const joined = (await upstream.journal(client.name)).filter(([what]) => what === 'connect');
          assert.deepEqual(joined.map(([, id]) => id), client.connects.map(({ id }) => id));
          assert.deepEqual(joined.map(([, , auth]) => auth), joined.map(() => ({ token: `token of ${client.name}` })));
          const { missing: words, repeated, reordered } = faults(client.words, WORDS);
          assert.deepEqual({ repeated, reordered, changed: client.changed }, { repeated: 0, reordered: 0, changed: [] });
          // What the upstream emitted while this user had no link went to nobody.
          assert.ok(words.every((n) => n > before.get(client) && n <= joined[1][3]), `missing: ${words}`);
        }),
      );
      const parted = plain.map((client) =>
        t.test(client.label, async () => {
          await client.loses(client.relay, RST);
          const [first, second] = [client.connects[0], await client.connected(2)];
          assert.notEqual(second.engine, first.engine, 'another transport');
        }),
      );
      await Promise.all([...kept, ...parted]);
    });

    test('anUpstreamThatIsKilledAndComesBackClosesNoTransport', together, async (t) => {
      const notes = Array.from({ length: 20 }, (_, n) => n);
      const known = new Map([...clients, ...plain].map((client) => [client, client.connects.length]));
      for (const client of clients) client.words.length = 0;
      for (const client of plain) client.partings.length = 0;

      await upstream.stop('SIGKILL');
      await until('not ready', async () => !(await gateway.isReady()));
      for (const n of notes) for (const client of clients) client.socket.emit('note', n, `in the gap ${n}`);
      upstream = await startUpstream(kind, upstream.port);

      const kept = clients.map((client) =>
        t.test(client.label, async () => {
          const { id } = await client.connected(known.get(client) + 1);
          client.socket.emit('note', notes.length, 'after the gap');
          client.stream(WORDS, { every: 4 });
          await client.sees(WORDS);
          await client.echo('after all words');
          assertRelinked(client, known.get(client) + 1);
          assertComplete(client.words, WORDS);
          const [connect, ...rest] = await upstream.journal(client.name);
          assert.deepEqual(connect.slice(0, 2), ['connect', id], 'the new CONNECT comes first');
          assert.deepEqual(rest.filter(([what]) => what === 'note').map(([, n]) => n), [...notes, notes.length]);
        }),
      );
      const parted = plain.map((client) =>
        t.test(client.label, async () => {
          await client.connected(known.get(client) + 1);
          assert.ok(client.partings.length > 0, 'the transport was closed');
        }),
      );
      await Promise.all([...kept, ...parted]);
    });

    // The page starts a further timer at each connect and stops none unless it was disconnected.
    test('heartbeatsDoNotMultiplyWithTheLinks', async () => {
      const [client] = clients;
      for (let n = 0; n < 5; n++) client.socket.emit('heartbeat', {});
      await client.echo('after them');
      const beats = (await upstream.journal(client.name)).filter(([what]) => what === 'heartbeat');
      assert.ok(beats.length <= 1, `${beats.length} heartbeats`);
    });

    test('theLedgerAddsUp', async () => {
      await assertLedger(gateway);
    });
  });
}
