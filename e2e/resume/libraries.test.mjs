// Clients in other languages, by their own reconnect: 2,000 words and three cuts each. None of their handlers, the catch-all
// ones included, sees an event of ours, unless the library resumes by itself; then all words come.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../lib/deadline.mjs';
import { noHoldfast, startHoldfast } from '../lib/gateway.mjs';
import { total } from '../lib/metrics.mjs';
import { goClient, javaClient, missing, python } from '../lib/paths.mjs';
import { Program } from '../lib/process.mjs';
import { FIN, RST, startRelay } from '../lib/relay.mjs';
import { startUpstream } from './upstreams.mjs';
import { assertComplete, faults } from './words.mjs';

const WORDS = 2000;
const CUTS = [[400, RST], [900, FIN], [1400, RST]];
/** Words in 1,200 bytes, at most. */
const SHARE_A_MARKER = 50;
const script = new URL('client_python.py', import.meta.url).pathname;
const java = ['java', '-cp', `${javaClient}:${javaClient}/*`, 'Client'];

const libraries = [
  { name: 'python-socketio by websocket', command: [python, script], through: 'websocket' },
  { name: 'the official Java client by websocket', command: java, through: 'websocket' },
  { name: 'the official Java client by an upgrade', command: java, through: 'polling,websocket' },
  { name: 'a Go client by websocket', command: [goClient], through: 'websocket', resumes: true },
  { name: 'a Go client by an upgrade', command: [goClient], through: 'polling,websocket', resumes: true },
];

/** A program, and what it has said so far. */
class Library {
  constructor({ name, command: [program, ...given], through }, url) {
    this.name = name;
    this.program = new Program(name.replaceAll(' ', '-'), program, [...given, url, name, String(WORDS), through]);
  }

  /** The rest of each line that begins with this word. */
  lines = (word) => [...this.program.output.matchAll(new RegExp(`^${word} (.*)$`, 'gm'))].map(([, rest]) => rest);

  words = () => this.lines('word').map(Number);

  /** What it saw before it connected again for the first time. */
  beforeItsReturn = () => this.program.output.split(/^connect /m).slice(0, 2).join('');

  /** The words since then. */
  afterItsReturn = () => [...this.program.output.split(/^connect /m).slice(2).join('').matchAll(/^word (.*)$/gm)].map(([, word]) => Number(word));

  async sees(word) {
    await until(`${this.name} sees word ${word}`, () => this.words().at(-1) >= word || this.program.exit, { ms: 60_000, every: 5 });
  }

  async loses(relay, how) {
    const before = this.lines('disconnect').length;
    await until(`${this.name} loses its connection`, () => this.lines('disconnect').length > before || void relay.cut(how), { ms: 20_000 });
  }
}

for (const mode of ['auto', 'marker']) {
  describe(`libraries of other languages, resume.mode ${mode}`, { skip: noHoldfast() || missing(python, `${javaClient}/Client.class`, goClient) }, () => {
    // The other mode only shows that the test would see an event of ours.
    const chosen = mode === 'auto' ? libraries : libraries.filter(({ name }) => /by websocket/.test(name));
    const relays = [];
    const started = [];
    let upstream;
    let gateway;
    before(async () => {
      upstream = await startUpstream('node');
      gateway = await startHoldfast([upstream.url], { set: { 'resume.mode': mode, 'resume.parked-per-user': 1000 } });
    });
    after(async () => {
      for (const { program } of started) await program.stop('SIGKILL');
      for (const relay of relays) relay.close();
      await gateway?.stop();
      await upstream?.stop();
    });

    async function start(library) {
      const relay = await startRelay(gateway.port);
      const client = new Library(library, relay.url);
      relays.push(relay);
      started.push(client);
      return { relay, client };
    }

    if (mode === 'marker') {
      test('catchAllHandlersSeeOurEvents', { concurrency: true }, async (t) => {
        await Promise.all(
          chosen.map((library) =>
            t.test(library.name, async () => {
              const { client } = await start(library);
              await client.sees(20);
              assert.ok(client.lines('event').includes('~o'), client.program.output);
            }),
          ),
        );
      });
      return;
    }

    test('whatTheirOwnReconnectPromisesHolds', { concurrency: true }, async (t) => {
      await Promise.all(
        chosen.map((library) =>
          t.test(library.name, async () => {
            const { relay, client } = await start(library);
            for (const [at, how] of CUTS) {
              await client.sees(at);
              await client.loses(relay, how);
            }
            await client.program.says(/^all words$/m, { ms: 60_000 });
            const seen = client.words();
            const sids = client.lines('connect').map((line) => line.split(' ')[0]);
            assert.equal(sids.length, CUTS.length + 1);
            if (library.resumes) {
              assert.equal(new Set(sids).size, 1, 'one session');
              assert.deepEqual(client.lines('connect').map((line) => line.split(' ')[1]), ['false', 'true', 'true', 'true']);
              const { missing: lost, reordered } = faults(seen, WORDS);
              assert.deepEqual({ lost, reordered }, { lost: [], reordered: 0 });
              assertComplete([...new Set(seen)], WORDS);
              // At its first return all may come again that its PONGs have not confirmed, later what shares a marker that a cut has parted from it.
              const { repeated: later } = faults(client.afterItsReturn(), WORDS);
              assert.ok(later <= 2 * SHARE_A_MARKER, `${later} words came again later`);
              t.diagnostic(`${library.name}: ${seen.length - WORDS - later} words came again at the first return, ${later} later`);
              const events = client.beforeItsReturn().matchAll(/^event (.*)$/gm);
              assert.deepEqual(new Set([...events].map(([, event]) => event)), new Set(['word']));
            } else {
              assert.equal(new Set(sids).size, CUTS.length + 1, 'a fresh session each time');
              const { missing: lost, repeated, reordered } = faults(seen, WORDS);
              assert.deepEqual({ repeated, reordered }, { repeated: 0, reordered: 0 });
              const gaps = lost.filter((n) => !lost.includes(n - 1));
              assert.ok(gaps.length <= CUTS.length, `words are missing at ${gaps}`);
              t.diagnostic(`${library.name}: ${lost.length} words were lost while it was away`);
              assert.deepEqual(new Set(client.lines('event')), new Set(['word']));
            }
          }),
        ),
      );
    });

    test('thoseThatNeverResumeAreParkedNoMore', async () => {
      const never = libraries.filter(({ resumes }) => !resumes).length;
      const parked = async () => total(await gateway.metrics(), 'holdfast_sessions_parked');
      assert.equal(await parked(), never * CUTS.length);

      for (const relay of relays) relay.cut(RST);

      await until('they have connected once more', () => started.every((client) => client.lines('connect').length === CUTS.length + 2), { ms: 20_000 });
      assert.equal(await parked(), never * CUTS.length);
      assert.equal(total(await gateway.metrics(), 'holdfast_sessions_not_parked_total'), never);
      assert.equal(total(await gateway.metrics(), 'holdfast_sessions'), never * (CUTS.length + 1) + started.length - never);
    });
  });
}
