// C1 for python-socketio's client: byte by byte without offsets, and as its handlers see it with them.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isHoldfast, noGateway, startGateway, startHoldfast } from '../lib/gateway.mjs';
import { missing, python } from '../lib/paths.mjs';
import { sha256 } from './brief.mjs';
import { finishedTranscript, parted, startUpstream } from './upstreams.mjs';

const client = fileURLToPath(new URL('client_python.py', import.meta.url));
const scenarios = ['greeting', 'acknowledgements', 'binary', 'namespaces', 'server_leaves', 'order', 'large'];
const MANY = 10_000;
let runs = 0;

async function play(scenario, url, transports, upstream) {
  const name = `python run ${++runs}`;
  const { stdout } = await promisify(execFile)(python, [client, url, transports, name, scenario], { timeout: 90_000 });
  const server = await finishedTranscript(upstream, name);
  return JSON.parse(JSON.stringify({ client: JSON.parse(stdout), server }).replaceAll(name, 'run'));
}

/** What must be true with and without a gateway. */
function assertInOrder({ client: seen }) {
  const digest = (side) => sha256(Array.from({ length: MANY }, (_, n) => [n, `${side} ${n}`]));
  const entry = (what) => seen.find(([name]) => name === what).slice(1);
  assert.deepEqual(entry('collected'), [{ count: MANY, sha256: digest('client') }]);
  assert.deepEqual(entry('poured'), [MANY, MANY, digest('server')]);
}

for (const kind of ['node', 'python']) {
  describe(`python-socketio's client, upstream ${kind}`, { skip: missing(python) }, () => {
    let upstream;
    let gateway;
    let resuming;
    before(async () => {
      upstream = await startUpstream(kind);
      if (noGateway()) return;
      gateway = await startGateway([upstream.url], { set: { 'limits.post-packets': 30_000, 'resume.mode': 'off' } });
      if (isHoldfast) resuming = await startHoldfast([upstream.url], { set: { 'limits.post-packets': 30_000, 'resume.window': '1s', 'resume.window-after-leaving': '1s' } });
    });
    after(async () => {
      await gateway?.stop();
      await resuming?.stop();
      await upstream?.stop();
    });

    for (const transports of ['websocket', 'polling', 'polling,websocket']) {
      for (const scenario of scenarios) {
        // python-engineio leaves its own polling clients hanging for 30 s when they go.
        if (kind === 'python' && transports === 'polling') continue;
        if (kind === 'python' && transports !== 'websocket' && ['order', 'large'].includes(scenario)) continue;
        test(`${scenario} by ${transports}`, async (t) => {
          const direct = await play(scenario, upstream.url, transports, upstream);
          if (scenario === 'order') assertInOrder(direct);
          if (!gateway) return t.diagnostic(`direct only: ${noGateway()}`);
          assert.deepEqual(parted(await play(scenario, gateway.url, transports, upstream)), parted(direct));
          if (resuming) assert.deepEqual(parted(await play(scenario, resuming.url, transports, upstream)), parted(direct), 'with offsets');
        });
      }
    }
  });
}
