// Whatever Open WebUI connects to Redis with, Holdfast does, and what it refuses, Holdfast refuses: the same variables, at the same time, through
// Open WebUI's own code with redis-py and through Holdfast, against real servers; and both again after a failover.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { until, within } from '../lib/deadline.mjs';
import { artefacts, e2e, missing } from '../lib/paths.mjs';
import { casesOf, intended } from './cases.mjs';
import { startServers } from './servers.mjs';

/** A program that is given a line and answers with one. */
class Asked {
  constructor(name, command, args, env) {
    this.name = name;
    this.process = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
  }

  async ask(line) {
    this.process.stdin.write(`${line}\n`);
    for (;;) {
      const { value, done } = await within(60_000, `the answer of ${this.name}`, this.lines.next());
      assert.ok(!done, `${this.name} ended`);
      // Between answers it may log.
      if (/^(\[\{|\{)/.test(value)) return JSON.parse(value).results ?? JSON.parse(value);
    }
  }

  stop() {
    this.process.kill('SIGKILL');
  }
}

const openWebUi = () => {
  const folder = execFileSync(join(e2e, 'setup-openwebui'), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  return new Asked('redis-py', join(folder, 'bin', 'python'), [join(e2e, 'redis', 'oracle.py')], { PATH: process.env.PATH });
};
const holdfast = () => {
  const path = execFileSync(join(e2e, 'lib', 'test-classpath'), { encoding: 'utf8' }).trim();
  const java = process.env.HOLDFAST_E2E_JAVA ?? 'java';
  return new Asked('holdfast', java, ['-cp', path, 'dev.holdfast.redis.Connecting'], { PATH: process.env.PATH });
};

describe('Redis as Open WebUI has it', { skip: missing('redis-server', 'openssl') }, () => {
  let world;
  const programs = [];
  const both = async (line) => Promise.all(programs.slice(-2).map((program) => program.ask(line)));
  before(async () => {
    world = await startServers();
  });
  after(async () => {
    programs.forEach((program) => program.stop());
    await world?.stop();
  });

  test('bothConnectOrBothRefuse', async (t) => {
    const cases = casesOf(world);
    assert.ok(cases.length >= 60, `${cases.length} cases`);
    programs.push(openWebUi(), holdfast());
    const [theirs, ours] = await both(JSON.stringify(cases));
    const rows = cases.map((each, n) => ({ name: each.name, redisPy: theirs[n], holdfast: ours[n] }));
    mkdirSync(artefacts, { recursive: true });
    writeFileSync(join(artefacts, 'redis.json'), JSON.stringify(rows, null, 1));

    const same = ({ redisPy, holdfast: mine }) => redisPy.connects === mine.connects && (!mine.connects || redisPy.database === mine.database);
    const differ = rows.filter((row) => !same(row));
    const connected = rows.filter(({ redisPy }) => redisPy.connects).length;
    t.diagnostic(`${rows.length} cases; redis-py connects in ${connected}; intended differences: ${differ.filter(({ name }) => intended.has(name)).length}`);
    assert.deepEqual(differ.filter(({ name }) => !intended.has(name)), []);
    assert.deepEqual([...intended.keys()].filter((name) => !differ.some((row) => row.name === name)), [], 'these do not differ any more');
    for (const { name, holdfast: mine } of rows) assert.ok(mine.connects || mine.said.length > 10, `${name}: Holdfast says why`);
    programs.splice(0).forEach((program) => program.stop());
  });

  test('bothFollowAFailover', async (t) => {
    const { servers, sentinels, redisCli } = world;
    const variables = (name) => ({
      WEBSOCKET_MANAGER: 'redis',
      WEBSOCKET_REDIS_URL: 'redis://:pw@mymaster/0',
      WEBSOCKET_SENTINEL_HOSTS: '127.0.0.1',
      WEBSOCKET_SENTINEL_PORT: String(sentinels[name].port),
    });
    const master = (name, ...auth) => redisCli(sentinels[name].port, ...auth, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'mymaster').split('\n')[1];
    const auth = ['--no-auth-warning', '-a', 'pw'];
    await until('the Sentinel with a password knows the replica', () => /num-slaves\n1\n/.test(redisCli(sentinels.closed.port, ...auth, 'SENTINEL', 'MASTER', 'mymaster')));
    programs.push(openWebUi(), holdfast());
    const connects = (answers) => answers.flat().map((each) => each.connects);
    assert.deepEqual(connects(await both(JSON.stringify([{ name: 'closed', env: variables('closed') }]))), [true, true]);

    await servers.password.program.stop('SIGKILL');
    const begun = Date.now();
    await until('the replica is the master', () => master('closed', ...auth) === String(servers.replica.port), { ms: 20_000 });
    t.diagnostic(`another master after ${Date.now() - begun} ms`);
    redisCli(servers.replica.port, ...auth, 'DEL', '{case-0}:nodes');

    await until('both are connected again', async () => connects(await both('again')).every(Boolean), { ms: 20_000 });
    t.diagnostic(`both are connected again after ${Date.now() - begun} ms`);
    await until('the node writes to the new master', () => redisCli(servers.replica.port, ...auth, 'EXISTS', '{case-0}:nodes').trim() === '1');
  });
});
