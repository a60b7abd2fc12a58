// C1: every client, over every transport, with every upstream sees with the gateway what it sees without it: each byte that
// socket.io-client shows, if sessions are not to be resumed. If they are, a client is told offsets: after the arguments that an
// event has (a browser), or in events of a name that nobody listens to. What handlers see of the arguments that they declare is
// the same; that is compared in the second half.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { io as io402 } from 'socket.io-client-4.0.2';
import { io as io454 } from 'socket.io-client-4.5.4';
import { io as io460 } from 'socket.io-client-4.6.0';
import { io as io475 } from 'socket.io-client-4.7.5';
import { io as newest } from 'socket.io-client-newest';
import { isHoldfast, noGateway, startGateway, startHoldfast } from '../lib/gateway.mjs';
import { missing, python } from '../lib/paths.mjs';
import { scenarios, World } from './scenarios.mjs';
import { finishedTranscript, parted, startUpstream } from './upstreams.mjs';

const clients = { '4.0.2': io402, '4.5.4': io454, '4.6.0': io460, '4.7.5': io475, newest };
const transports = { websocket: ['websocket'], polling: ['polling'], upgrade: ['polling', 'websocket'] };
/** python-socketio takes seconds for these: they run with one client of each sort. */
const slow = { python: ['order', 'large'] };
const representative = '4.7.5'; // Open WebUI's own until 0.8
const many = { 'limits.post-packets': 30_000 };
const browser = (url) => ({ 'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64) Chrome/130.0', Origin: url });
let runs = 0;

/** Plays a scenario; returns what both sides noted, the server's side once its sockets are gone. */
async function play(scenario, { io, url, upstream, through, headers, relinks }) {
  const name = `run ${++runs}`;
  const world = new World({ io, url, transports: through, name, upstream: upstream.kind, headers, relinks });
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
      if (!noGateway()) gateway = await startGateway([upstream.url], { set: { ...many, 'resume.mode': 'off' } });
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

/** What handlers saw: nobody listens to the marker, and what follows the arguments that an event has is not declared. */
function declared(seen, direct) {
  const told = seen.filter(([, what]) => what !== '~o');
  return told.map((entry, at) => entry.slice(0, direct[at]?.length));
}

for (const kind of ['node', 'python']) {
  describe(`what handlers see with offsets, upstream ${kind}`, { skip: (kind === 'python' && missing(python)) || (isHoldfast ? noGateway() : 'only with Holdfast') }, () => {
    let upstream;
    let gateway;
    before(async () => {
      upstream = await startUpstream(kind);
      gateway = await startHoldfast([upstream.url], { set: { ...many, 'resume.window': '1s' } });
    });
    after(async () => {
      await gateway?.stop();
      await upstream?.stop();
    });

    for (const version of ['4.0.2', representative]) {
      for (const [label, through] of Object.entries(transports)) {
        describe(`socket.io-client ${version} by ${label}`, () => {
          for (const [what, scenario] of Object.entries(scenarios)) {
            if (what === 'refused' && kind === 'python') continue;
            if (slow[kind]?.includes(what)) continue;
            test(what, async () => {
              const how = { io: clients[version], upstream, through, relinks: true };
              const direct = parted(await play(scenario, { ...how, url: upstream.url }));
              // A program gets no markers, an application that names its origin does.
              const application = version === representative ? { Origin: gateway.url } : {};
              const both = [application, browser(gateway.url)].map((headers) => play(scenario, { ...how, url: gateway.url, headers }));
              const [other, page] = (await Promise.all(both)).map(parted);
              const told = version === representative ? other.client.filter(([, name]) => name !== '~o') : other.client;
              assert.deepEqual({ ...other, client: told }, direct, 'but for the markers');
              assert.deepEqual({ ...page, client: declared(page.client, direct.client) }, direct);
            });
          }
        });
      }
    }
  });
}
