// Calls: events that the upstream wants an answer to. Each is shown though the client was away, and answered once.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Engine } from '../clients/engine.mjs';
import { until } from '../lib/deadline.mjs';
import { noHoldfast, startHoldfast } from '../lib/gateway.mjs';
import { assertLedger, total } from '../lib/metrics.mjs';
import { missing, python } from '../lib/paths.mjs';
import { RST, startRelay } from '../lib/relay.mjs';
import { Client, every } from './client.mjs';
import { startUpstream } from './upstreams.mjs';

const together = { concurrency: true };

for (const kind of ['node', 'python']) {
  describe(`calls, upstream ${kind}`, { skip: noHoldfast() || (kind === 'python' && missing(python)) }, () => {
    let upstream;
    let gateway;
    before(async () => {
      upstream = await startUpstream(kind);
      gateway = await startHoldfast([upstream.url], { set: { 'upstream.health-interval': '500ms', 'resume.parked-per-user': 1000 } });
    });
    after(async () => {
      await gateway?.stop();
      await upstream?.stop();
    });

    const answersDropped = async () => total(await gateway.metrics(), 'holdfast_answers_dropped_total');
    const of = (journal, what) => journal.filter(([entry]) => entry === what);

    /** A client behind a relay; its questions are kept with what answers them. */
    async function asked(options, script) {
      const relay = await startRelay(gateway.port);
      const client = new Client({ ...options, url: relay.url });
      const questions = [];
      client.socket.on('question', (...values) => questions.push({ value: values[0], answer: values.at(-1) }));
      try {
        await client.open();
        await script(client, relay, questions);
      } finally {
        client.leave();
        relay.close();
      }
    }

    test('aCallToAClientThatIsAwayIsShownAndAnsweredOnce', together, async (t) => {
      const script = async (client, relay, questions) => {
        relay.offline(RST);
        await until('the client is away', () => client.partings.length > 0);
        await upstream.say(client.name, 'before the call');
        await upstream.call(client.name, 'are you there');
        await upstream.say(client.name, 'after the call');
        await upstream.noted(client.name, 'asked');
        relay.restore();
        assert.equal((await client.connected(2)).recovered, true);
        await until('the question is shown', () => questions.length > 0);
        questions[0].answer('here');
        const journal = await upstream.noted(client.name, 'answered', 'are you there', 'here');
        await client.echo('nothing more comes');
        assert.deepEqual(questions.map(({ value }) => value), ['are you there']);
        assert.equal(of(await upstream.journal(client.name), 'ack').length, 1, 'one answer');
        assert.equal(of(journal, 'connect').length, 1, 'one session');
        const told = client.others.filter(([event]) => event === 'said' || event === 'question').map(([event, value]) => [event, value]);
        assert.deepEqual(told, [['said', 'before the call'], ['question', 'are you there'], ['said', 'after the call']]);
      };
      await Promise.all(every.map((one) => t.test(one.label, () => asked(one, script))));
    });

    test('aCallThatWasShownButNotAnsweredIsShownAgainAndAnsweredOnce', together, async (t) => {
      const script = async (client, relay, questions) => {
        await upstream.call(client.name, 'which one');
        await until('the question is shown', () => questions.length === 1);
        await client.loses(relay, RST);
        assert.equal((await client.connected(2)).recovered, true);
        await until('the question is shown again', () => questions.length === 2);
        questions[1].answer('the second');
        questions[0].answer('the first, too late');
        await client.echo('after both answers');
        const journal = await upstream.noted(client.name, 'answered', 'which one', 'the second');
        assert.equal(of(journal, 'ack').length, 1, 'one answer');
      };
      const before = await answersDropped();
      await Promise.all(every.map((one) => t.test(one.label, () => asked(one, script))));
      assert.equal((await answersDropped()) - before, every.length);
    });

    test('aCallOfAnotherLinkIsNotAnsweredByALateAnswer', together, async (t) => {
      const relinked = every.filter(({ mode }) => mode === 'argument');
      const scripts = [];
      let ready = 0;
      const script = async (client, relay, questions) => {
        await upstream.call(client.name, 'on the first link');
        await until('the question is shown', () => questions.length === 1);
        ready++;
        await client.connected(2, 30_000);
        assert.deepEqual(client.partings, []);
        await upstream.call(client.name, 'on the second link');
        await until('the next question is shown', () => questions.length === 2);
        questions[0].answer('first');
        questions[1].answer('second');
        await client.echo('after both answers');
        const journal = await upstream.noted(client.name, 'answered', 'on the second link', 'second');
        assert.equal(of(journal, 'ack').length, 1, 'one answer');
      };
      for (const one of relinked) scripts.push(t.test(one.label, () => asked(one, script)));
      await until('all have been asked', () => ready === relinked.length);
      await upstream.stop('SIGKILL');
      upstream = await startUpstream(kind, upstream.port);
      await Promise.all(scripts);
    });

    /** The id of the call in the client's packets, and that packet. */
    const callOf = async (engine) => (await engine.says(/^42\d+\["question"/)).match(/^42(\d+)/)[1];

    test('aSecondAnswerIsDropped', async () => {
      const name = `answers twice ${kind}`;
      const engine = await Engine.open(gateway.url);
      await engine.connect({ name });
      await upstream.call(name, 'once');
      const id = await callOf(engine);
      const before = await answersDropped();
      engine.send(`43${id}["yes"]`);
      engine.send(`43${id}["no"]`);
      engine.send('429["echo","after both"]');
      await engine.says(/^439/);
      assert.equal(of(await upstream.noted(name, 'answered', 'once', 'yes'), 'ack').length, 1);
      assert.equal((await answersDropped()) - before, 1);
      engine.send('41');
      engine.close();
    });

    test('anAnswerThatComesBeforeTheConnectThatResumesCounts', async () => {
      const name = `answers early ${kind}`;
      const first = await Engine.open(gateway.url);
      const sid = await first.connect({ name });
      const { pid } = JSON.parse(first.packets.find((packet) => /^40/.test(packet)).slice(2));
      await upstream.call(name, 'early');
      const id = await callOf(first);
      first.close();

      const second = await Engine.open(gateway.url);
      second.send(`43${id}["before the CONNECT"]`);
      assert.equal(await second.connect({ name, pid }), sid);
      second.send('429["echo","after it"]');
      await second.says(/^439/);
      const journal = await upstream.noted(name, 'answered', 'early', 'before the CONNECT');
      assert.equal(of(journal, 'ack').length, 1);
      assert.deepEqual(second.packets.filter((packet) => /^42\d/.test(packet)), [], 'it is not asked again');
      second.send('41');
      second.close();
    });

    test('anAnswerBeforeAConnectThatDoesNotResumeReachesNobody', async () => {
      const name = `answers wrongly ${kind}`;
      const asked = await Engine.open(gateway.url);
      await asked.connect({ name });
      await upstream.call(name, 'for the first only');
      const id = await callOf(asked);

      const other = await Engine.open(gateway.url);
      other.send(`43${id}["not asked"]`);
      await other.connect({ name: `${name}, other`, pid: 'no such session' });
      other.send('429["echo","after it"]');
      await other.says(/^439/);
      assert.deepEqual(of(await upstream.journal(`${name}, other`), 'ack'), []);

      asked.send(`43${id}["asked"]`);
      assert.equal(of(await upstream.noted(name, 'answered', 'for the first only', 'asked'), 'ack').length, 1);
      for (const engine of [asked, other]) {
        engine.send('41');
        engine.close();
      }
    });

    test('theLedgerAddsUp', async () => {
      await assertLedger(gateway);
    });
  });
}
