// C1: every client, over every transport, with every upstream sees with the gateway what it sees without it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { io as io402 } from 'socket.io-client-4.0.2';
import { io as io454 } from 'socket.io-client-4.5.4';
import { io as io460 } from 'socket.io-client-4.6.0';
import { io as io475 } from 'socket.io-client-4.7.5';
import { io as newest } from 'socket.io-client-newest';
import { noGateway, startGateway } from '../lib/gateway.mjs';
import { missing, python } from '../lib/paths.mjs';
import { scenarios, World } from './scenarios.mjs';
import { finishedTranscript, startUpstream } from './upstreams.mjs';

const clients = { '4.0.2': io402, '4.5.4': io454, '4.6.0': io460, '4.7.5': io475, newest };
const transports = { websocket: ['websocket'], polling: ['polling'], upgrade: ['polling', 'websocket'] };
/** python-socketio takes seconds for these: they run with one client of each sort. */
const slow = { python: ['order', 'large'] };
const representative = '4.7.5'; // Open WebUI's own until 0.8
let runs = 0;

/** Plays a scenario; returns what both sides noted, the server's side once its sockets are gone. */
async function play(scenario, { io, url, upstream, through }) {
  const name = `run ${++runs}`;
  const world = new World({ io, url, transports: through, name, upstream: upstream.kind });
  try {
    await scenario(world);
  } finally {
    world.close();
  }
  const server = await finishedTranscript(upstream, name);
  const anonymous = (log) => JSON.parse(JSON.stringify(log).replaceAll(name, 'run'));
  return { client: anonymous(world.log), server: anonymous(server) };
}

for (const kind of ['node', 'python']) {
  describe(`upstream ${kind}`, { skip: kind === 'python' && missing(python) }, () => {
    let upstream;
    let gateway;
    before(async () => {
      upstream = await startUpstream(kind);
      if (!noGateway()) gateway = await startGateway([upstream.url], { set: { 'limits.post-packets': 30_000 } });
    });
    after(async () => {
      await gateway?.stop();
      await upstream?.stop();
    });

    for (const [version, io] of Object.entries(clients)) {
      for (const [label, through] of Object.entries(transports)) {
        describe(`socket.io-client ${version} by ${label}`, () => {
          for (const [what, scenario] of Object.entries(scenarios)) {
            if (what === 'refused' && kind === 'python') continue;
            if (slow[kind]?.includes(what) && version !== representative) continue;
            test(what, async (t) => {
              const direct = await play(scenario, { io, url: upstream.url, upstream, through });
              if (!gateway) return t.diagnostic(`direct only: ${noGateway()}`);
              const behind = await play(scenario, { io, url: gateway.url, upstream, through });
              assert.deepEqual(behind, direct);
            });
          }
        });
      }
    }
  });
}
