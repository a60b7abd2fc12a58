// Starts the Socket.IO servers that stand where Open WebUI would.
import { fileURLToPath } from 'node:url';
import { until } from '../lib/deadline.mjs';
import { python } from '../lib/paths.mjs';
import { freePort, Program } from '../lib/process.mjs';

const here = (file) => fileURLToPath(new URL(file, import.meta.url));

/** `kind` is node or python; `args` are its options; a port of one's own lets it come back after a stop. */
export async function startUpstream(kind, { args = [], port, name = `upstream-${kind}` } = {}) {
  const at = port ?? (await freePort());
  const command = kind === 'node' ? [process.execPath, here('upstream-node.mjs')] : [python, here('upstream_python.py')];
  const program = new Program(name, command[0], [command[1], String(at), ...args]);
  await program.says(/listening on \d+/);
  return Object.assign(program, { kind, port: at, url: `http://127.0.0.1:${at}` });
}

/** What each socket of that `auth.name` did at the upstream, once all are gone. */
export function finishedTranscript(upstream, name) {
  return until('the upstream has seen all its sockets go', async () => {
    const answer = await fetch(`${upstream.url}/transcript?name=${encodeURIComponent(name)}`);
    const logs = await answer.json();
    return logs.length > 0 && logs.every((log) => log.some(([, what]) => what === 'disconnect')) && logs;
  });
}

/**
 * How an upstream names the end of a socket, but for what a gateway cannot keep: a session that waits for its client ends by our close,
 * whatever the client said; and a client that disconnects and closes at once has done both, of which Node tells only the second if they come in one read.
 */
const endings = /"(client disconnect|client namespace disconnect)"/g;
export const parted = (transcript) => ({ ...transcript, server: JSON.parse(JSON.stringify(transcript.server).replaceAll(endings, '"transport close"')) });
