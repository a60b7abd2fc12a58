// The upstreams that stream words, and what they noted.
import { fileURLToPath } from 'node:url';
import { until } from '../lib/deadline.mjs';
import { python } from '../lib/paths.mjs';
import { freePort, Program } from '../lib/process.mjs';

const here = (file) => fileURLToPath(new URL(file, import.meta.url));
const commands = { node: [process.execPath, here('upstream-node.mjs')], python: [python, here('upstream_python.py')] };

/** `kind` is node or python; a port of one's own lets it come back after a stop. */
export async function startUpstream(kind, port) {
  const at = port ?? (await freePort());
  const [command, script] = commands[kind];
  const program = new Program(`words-${kind}`, command, [script, String(at)]);
  await program.says(/listening on \d+/);
  const url = `http://127.0.0.1:${at}`;
  const ask = async (path, name, value) => {
    const query = new URLSearchParams({ name, ...(value !== undefined && { value }) });
    return (await fetch(`${url}/${path}?${query}`)).json();
  };
  return Object.assign(program, {
    kind,
    port: at,
    url,
    journal: (name) => ask('journal', name),
    call: (name, value) => ask('call', name, value),
    say: (name, value) => ask('say', name, value),
    stream: (name, what) => ask('stream', name, JSON.stringify(what)),
    hush: (name) => ask('hush', name),
    bye: (name) => ask('bye', name),
    /** The journal once it has such an entry. */
    async noted(name, ...entry) {
      const has = async () => {
        const entries = await ask('journal', name);
        return entries.some((one) => entry.every((value, at) => one[at] === value)) && entries;
      };
      return until(`${name}: ${entry} in the journal`, has, { ms: 20_000 });
    },
  });
}
