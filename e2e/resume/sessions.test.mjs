// Which session a client gets back, how it learns its offsets, and when there is nothing to get back.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { io as io454 } from 'socket.io-client-4.5.4';
import { Engine } from '../clients/engine.mjs';
import { until } from '../lib/deadline.mjs';
import { noHoldfast, startHoldfast } from '../lib/gateway.mjs';
import { assertLedger, resumes } from '../lib/metrics.mjs';
import { missing, python } from '../lib/paths.mjs';
import { Program } from '../lib/process.mjs';
import { RST, startRelay } from '../lib/relay.mjs';
import { browser, Client, every } from './client.mjs';
import { startUpstream } from './upstreams.mjs';
import { assertComplete } from './words.mjs';

const together = { concurrency: true };
const clientPython = fileURLToPath(new URL('client_python.py', import.meta.url));
const offset = /^[\w-]{6}\.\d+$/;

for (const kind of ['node', 'python']) {
  describe(`sessions, upstream ${kind}`, { skip: noHoldfast() || (kind === 'python' && missing(python)) }, () => {
    const expected = { recovered: 0, expired: 0, trimmed: 0, foreign: 0, unknown: 0 };
    const relays = [];
    /** Times that a client came with the pid of a session that has ended. */
    let ended = 0;
    let upstream;
    let gateway;
    let off;
    before(async () => {
      upstream = await startUpstream(kind);
      gateway = await startHoldfast([upstream.url], { set: { 'resume.window-after-leaving': '1s', 'resume.parked-per-user': 1000 } });
      off = await startHoldfast([upstream.url], { name: 'holdfast-off', set: { 'resume.mode': 'off' } });
    });
    after(async () => {
      for (const relay of relays) relay.close();
      await gateway?.stop();
      await off?.stop();
      await upstream?.stop();
    });

    async function relayed(options = {}) {
      const relay = await startRelay(gateway.port);
      relays.push(relay);
      return { relay, client: await new Client({ ...options, url: relay.url }).open() };
    }

    /** A bare client; `resume` is what it brings in its CONNECT. */
    async function bare(url, name, { headers, resume = {}, token = `token of ${name}` } = {}) {
      const engine = await Engine.open(url, { headers });
      await engine.connect({ ...resume, name, token });
      engine.reply = JSON.parse(engine.packets.find((packet) => /^40/.test(packet)).slice(2));
      return engine;
    }

    const echoed = async (engine, id = 7) => {
      engine.send(`42${id}["echo","${id}"]`);
      await engine.says(new RegExp(`^43${id}\\[`));
    };
    const leave = (engine) => {
      engine.send('41');
      engine.ws.close();
    };
    const eventsOf = (engine) => engine.packets.filter((packet) => /^42\[/.test(packet)).map((packet) => JSON.parse(packet.slice(2)));

    test('aHalfOpenTransportIsTakenOverAtOnce', together, async (t) => {
      const chosen = every.filter(({ mode }) => mode === 'argument');
      expected.recovered += chosen.length;
      await Promise.all(
        chosen.map((one) =>
          t.test(one.label, async () => {
            const { relay, client } = await relayed(one);
            client.stream(300);
            await client.sees(100);

            const strand = () => client.partings.length > 0 || void relay.strand();
            await until('the client has noticed', strand, { every: 20 });

            const { id, recovered } = await client.connected(2);
            assert.equal(recovered, true);
            assert.equal(id, client.connects[0].id);
            await client.sees(300);
            await client.echo('after all words');
            assertComplete(client.words, 300);
            // An HTTP connection without a request is nobody's transport.
            if (one.through.at(-1) === 'websocket') await until('the old transport is closed', () => relay.stranded.size === 0);
            client.leave();
          }),
        ),
      );
    });

    test('binaryEventsSurviveACut', together, async (t) => {
      expected.recovered += every.length;
      await Promise.all(
        every.map((one) =>
          t.test(one.label, async () => {
            const { relay, client } = await relayed({ ...one, binary: true });
            client.stream(200, { binary: true });
            await client.sees(80);
            await client.loses(relay, RST);
            assert.equal((await client.connected(2)).recovered, true);
            await client.sees(200);
            await client.echo('after all words');
            assertComplete(client.words, 200);
            assert.deepEqual(client.changed, []);
            client.leave();
          }),
        ),
      );
    });

    test('aBrowserTakesItsOffsetFromABinaryEvent', together, async (t) => {
      const chosen = every.filter(({ mode }) => mode === 'argument');
      await Promise.all(
        chosen.map((one) =>
          t.test(one.label, async () => {
            const client = await new Client({ ...one, binary: true, url: gateway.url }).open();
            const seen = [];
            client.socket.on('word', (n, ...rest) => (seen[n] = { told: rest.at(-1), held: client.socket._lastOffset }));
            client.stream(12, { binary: true });
            await client.sees(12);
            // The fifth and the eleventh have bytes; an offset is taken once the handlers have run.
            assert.match(seen[5].told, offset);
            assert.equal(seen[6].held, seen[5].told);
            assert.equal(seen[12].held, seen[11].told);
            assert.equal(client.others.filter(([event]) => event === '~o').length, 1, 'the only marker is that of the CONNECT reply');
            client.leave();
          }),
        ),
      );
    });

    test('aClientThatHasSeenNoEventYetIsRecoveredAfterAWhile', together, async (t) => {
      expected.recovered += every.length;
      await Promise.all(
        every.map((one) =>
          t.test(one.label, async () => {
            const { relay, client } = await relayed(one);
            await client.echo('an event says that the client has its pid');
            await client.echo('the upgrade has been taken');
            relay.offline();
            await until('the client is away', () => client.partings.length > 0);
            // Longer than a session waits of which it is not known whether the client has its pid.
            const other = await bare(gateway.url, `${client.name} leaves`);
            other.ws.close(1001);
            await upstream.noted(`${client.name} leaves`, 'disconnect');
            await upstream.say(client.name, 'meanwhile');
            relay.restore();
            assert.equal((await client.connected(2)).recovered, true);
            await client.echo('after it');
            assert.deepEqual(client.others.filter(([event]) => event === 'said').map(([, value]) => value), ['meanwhile']);
            client.leave();
          }),
        ),
      );
    });

    test('anOffsetComesToABrowserAsAnArgumentToOthersAsAnEventOfItsOwnAndToAProgramNotAtAll', async () => {
      const seen = {};
      for (const [who, headers] of [['browser', browser(gateway.url)], ['other', { Origin: gateway.url }], ['program', {}]]) {
        const engine = await bare(gateway.url, `${who} ${kind}`, { headers });
        for (const value of ['first', 'second']) {
          await upstream.say(`${who} ${kind}`, value);
          await engine.says(new RegExp(`^42\\["said","${value}"`));
        }
        await echoed(engine);
        seen[who] = eventsOf(engine);
        leave(engine);
      }
      const [first, second] = seen.browser.filter(([event]) => event === 'said');
      assert.deepEqual([first.slice(0, 2), second.slice(0, 2)], [['said', 'first'], ['said', 'second']]);
      for (const event of [first, second]) assert.match(event[2], offset);
      assert.notEqual(first[2], second[2]);
      assert.deepEqual(seen.other.filter(([event]) => event === 'said'), [['said', 'first'], ['said', 'second']]);
      const markers = seen.other.filter(([event]) => event !== 'said');
      for (const marker of markers) assert.deepEqual([marker[0], marker.length, offset.test(marker[1])], ['~o', 2, true], JSON.stringify(marker));
      assert.ok(markers.length >= 2);
      assert.deepEqual(seen.program, [['said', 'first'], ['said', 'second']]);
    });

    test('aClientThatCannotResumeStartsAfresh', async () => {
      const { relay, client } = await relayed({ io: io454, mode: 'marker' });
      client.stream(300);
      await client.sees(100);
      await client.loses(relay, RST);
      const { id, recovered } = await client.connected(2);
      assert.notEqual(id, client.connects[0].id);
      assert.equal(recovered, undefined);
      client.words.length = 0;
      client.stream(50);
      await client.sees(50);
      client.leave();
    });

    test('pythonSocketioStartsAfresh', { skip: missing(python) }, async () => {
      const relay = await startRelay(gateway.port);
      relays.push(relay);
      const program = new Program('client-python', python, [clientPython, relay.url, `python ${kind}`]);
      await program.says(/word 50\b/);
      relay.cut(RST);
      await program.says(/all words/);
      const { code } = await program.exited;
      const sids = [...program.output.matchAll(/^connect (\S+)/gm)].map(([, sid]) => sid);
      assert.deepEqual({ code, sids: new Set(sids).size }, { code: 0, sids: 2 }, program.output);
    });

    test('aWrongPidGetsAFreshSessionWithoutAnError', async () => {
      const pids = ['', 'x', 'n0t.a-pid', 'a'.repeat(3000), 42, null, { pid: 1 }, `${kind}.AAAAAAAAAAAAAAAAAAAAAAAAAAA`];
      for (const pid of pids) {
        const engine = await bare(gateway.url, `wrong pid ${kind}`, { resume: { pid, offset: 'abcdef.1' } });
        assert.match(engine.reply.sid, /^[\w-]{20}$/);
        assert.notEqual(engine.reply.pid, pid);
        await echoed(engine);
        assert.deepEqual(engine.packets.filter((packet) => /^4[14]/.test(packet)), []);
        leave(engine);
      }
      const { unknown } = await resumes(gateway);
      assert.ok(unknown >= 3 && unknown <= pids.length, `${unknown} unknown`);
      expected.unknown += unknown;
      const [auth] = (await upstream.journal(`wrong pid ${kind}`)).filter(([what]) => what === 'connect').map(([, , given]) => given);
      assert.deepEqual(auth, { token: `token of wrong pid ${kind}` }, 'neither pid nor offset goes to the upstream');
    });

    test('aWrongOffsetIsNoError', async () => {
      const wrong = ['', 'x', 'abcdef.1', 'abcdef.99999999999999999999', 'a'.repeat(3000), -1, null, {}, 'said'];
      const before = await resumes(gateway);
      for (const offset of wrong) {
        const name = `wrong offset ${kind} ${wrong.indexOf(offset)}`;
        const first = await bare(gateway.url, name);
        await upstream.say(name, 'one');
        await first.says(/^42\["said"/);
        first.ws.terminate();
        const second = await bare(gateway.url, name, { resume: { pid: first.reply.pid, offset } });
        assert.deepEqual(second.packets.filter((packet) => /^4[14]/.test(packet)), []);
        await echoed(second);
        leave(second);
      }
      // Whether it is taken for none or ends the session is the gateway's choice; each is counted once.
      const now = await resumes(gateway);
      const all = (counts) => Object.values(counts).reduce((sum, one) => sum + one, 0);
      assert.equal(all(now) - all(before), wrong.length, JSON.stringify(now));
      for (const result of Object.keys(now)) expected[result] += now[result] - before[result];
    });

    test('aForeignPidGetsAFreshSessionAndLeavesTheOwnerItsOwn', async () => {
      const name = `owner ${kind}`;
      const owner = await bare(gateway.url, name);
      const thief = await bare(gateway.url, `thief ${kind}`, { resume: { pid: owner.reply.pid } });
      assert.notEqual(thief.reply.sid, owner.reply.sid);
      await upstream.say(name, 'for the owner');
      await owner.says(/for the owner/);
      await echoed(thief);
      assert.ok(!thief.packets.some((packet) => packet.includes('for the owner')));
      owner.ws.terminate();
      const anonymous = await bare(gateway.url, `anonymous ${kind}`, { resume: { pid: owner.reply.pid }, token: undefined });
      assert.notEqual(anonymous.reply.sid, owner.reply.sid);
      const back = await bare(gateway.url, name, { resume: { pid: owner.reply.pid } });
      assert.equal(back.reply.sid, owner.reply.sid);
      await back.says(/for the owner/);
      expected.foreign += 2;
      expected.recovered += 1;
      for (const engine of [thief, anonymous, back]) leave(engine);
    });

    test('anUpstreamThatDisconnectsTheSocketEndsTheSession', async () => {
      const { relay, client } = await relayed();
      await upstream.say(client.name, 'before');
      await until('it is seen', () => client.others.some(([event]) => event === 'said'));
      await upstream.bye(client.name);
      await until('the client was disconnected', () => client.partings.length > 0);
      assert.deepEqual(client.partings, ['io server disconnect']);
      await upstream.say(client.name, 'to nobody');
      client.socket.connect();
      const { id, recovered } = await client.connected(2);
      assert.equal(recovered, false);
      assert.notEqual(id, client.connects[0].id);
      await client.echo('fresh');
      assert.deepEqual(client.others.filter(([event]) => event === 'said').map(([, value]) => value), ['before']);

      // The same while the client is away: what waits for it is given up.
      relay.offline();
      await until('the client is away', () => client.partings.length > 1);
      await upstream.say(client.name, 'kept until the end');
      await upstream.bye(client.name);
      await upstream.noted(client.name, 'disconnect', kind === 'node' ? 'server namespace disconnect' : 'server disconnect');
      relay.restore();
      assert.equal((await client.connected(3)).recovered, false);
      await client.echo('fresh again');
      assert.ok(!client.others.some(([, value]) => value === 'kept until the end'));
      ended += 2;
      client.leave();
    });

    test('aClientThatDisconnectsEndsTheSession', async () => {
      const { client } = await relayed();
      await upstream.say(client.name, 'before');
      await until('it is seen', () => client.others.some(([event]) => event === 'said'));
      client.socket.disconnect();
      await upstream.noted(client.name, 'disconnect');
      await upstream.say(client.name, 'to nobody');
      client.socket.connect();
      const { id, recovered } = await client.connected(2);
      assert.equal(recovered, false);
      assert.notEqual(id, client.connects[0].id);
      await client.echo('fresh');
      assert.deepEqual(client.others.filter(([event]) => event === 'said').map(([, value]) => value), ['before']);
      ended += 1;
      client.leave();
    });

    test('aPageThatWasLeftIsNotWaitedForAsLong', async () => {
      const [left, cut] = [await bare(gateway.url, `left ${kind}`), await bare(gateway.url, `cut ${kind}`)];
      // Each says an event, so that it is known to have its pid.
      for (const engine of [left, cut]) await echoed(engine);
      cut.ws.terminate();
      left.ws.close(1001);
      await upstream.noted(`left ${kind}`, 'disconnect');
      const late = await bare(gateway.url, `left ${kind}`, { resume: { pid: left.reply.pid } });
      assert.notEqual(late.reply.sid, left.reply.sid);
      const back = await bare(gateway.url, `cut ${kind}`, { resume: { pid: cut.reply.pid } });
      assert.equal(back.reply.sid, cut.reply.sid);
      expected.recovered += 1;
      ended += 1;
      for (const engine of [late, back]) leave(engine);
    });

    test('theUpstreamHearsTheHeartbeatOfAClientThatIsAway', { skip: kind !== 'node' && 'the same as with node' }, async () => {
      const { relay, client } = await relayed();
      client.socket.emit('heartbeat', {});
      await upstream.noted(client.name, 'heartbeat');
      relay.offline();
      const beats = async () => (await upstream.journal(client.name)).filter(([what]) => what === 'heartbeat');
      await until('two more heartbeats', async () => (await beats()).length >= 3, { ms: 30_000, every: 200 });
      assert.deepEqual((await beats()).slice(0, 3), [['heartbeat', {}], ['heartbeat', {}], ['heartbeat', {}]]);
      relay.restore();
      assert.equal((await client.connected(2)).recovered, true);
      expected.recovered += 1;
      client.leave();
    });

    test('withoutResumeEachByteIsTheUpstreams', async () => {
      for (const headers of [{}, browser(off.url)]) {
        const name = `off ${kind} ${Object.keys(headers).length}`;
        const direct = await bare(upstream.url, `${name} direct`);
        const behind = await bare(off.url, name, { headers, resume: { pid: 'ignored', offset: 'ignored' } });
        for (const engine of [direct, behind]) {
          engine.send('42["stream",{"count":20,"binary":true}]');
          await engine.says(/^42\["word",20[,\]]/);
          await echoed(engine);
        }
        const told = (engine) => engine.packets.slice(1).filter((packet) => packet !== '2' && !/^40/.test(packet));
        assert.deepEqual(told(behind), told(direct));
        assert.deepEqual(Object.keys(behind.reply), ['sid']);
        behind.ws.terminate();
        await upstream.noted(name, 'disconnect');
        leave(direct);
      }
    });

    test('theLedgerAddsUp', async () => {
      await assertLedger(gateway);
      // An ended session is remembered for a while or not: its pid is one that has expired or that nobody knows.
      const { expired, unknown, ...counted } = await resumes(gateway);
      const { expired: before, unknown: never, ...others } = expected;
      assert.deepEqual({ ...counted, ended: expired + unknown }, { ...others, ended: before + never + ended });
    });
  });
}
