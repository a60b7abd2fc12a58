// What the suites are aimed at: Holdfast, or the reference implementation to try the tests themselves.
import { fileURLToPath } from 'node:url';
import { missing } from '../lib/paths.mjs';
import { freePort, Program } from '../lib/process.mjs';
import { startHoldfast } from '../lib/gateway.mjs';

const here = (file) => fileURLToPath(new URL(file, import.meta.url));

export const isReference = process.env.HOLDFAST_E2E_TARGET === 'reference';

/** The reason to skip everything, or false. */
export const noTarget = () => (isReference ? false : missing('java'));

/** An Engine.IO server that echoes every message: 300 ms pings, 200 ms to answer, 1,000,000 bytes. */
export async function startEngineEcho() {
  const running = process.env.HOLDFAST_E2E_ENGINE; // the URL of any other, already running
  if (running) return { url: running, stop: () => {} };
  const port = await freePort();
  const program = isReference
    ? new Program('engine-reference', process.execPath, [here('engine-reference.mjs'), String(port)])
    : new Program('engine-echo', here('../engine-echo'), [String(port)]);
  await program.says(/listening on/, { ms: 240_000 }); // it may have to be compiled first
  return Object.assign(program, { url: `http://127.0.0.1:${port}/engine.io/` });
}

/** The Socket.IO server that the suite asks for, behind the gateway. */
export async function startSocketServer() {
  const port = await freePort();
  const upstream = new Program('socket-reference', process.execPath, [here('socket-reference.mjs'), String(port)]);
  await upstream.says(/listening on/);
  const direct = `http://127.0.0.1:${port}`;
  // The suite compares packets with those of a server that offers no recovery.
  const set = { 'resume.mode': 'off' };
  const gateway = isReference ? undefined : await startHoldfast([direct], { name: 'holdfast-conformance', set });
  const stop = async () => {
    await gateway?.stop();
    await upstream.stop();
  };
  return { url: `${gateway?.url ?? direct}/ws/socket.io/`, stop };
}
