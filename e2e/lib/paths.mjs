// Where things are.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';

export const e2e = fileURLToPath(new URL('..', import.meta.url));
export const artefacts = `${e2e}artefacts`;
export const cache = process.env.HOLDFAST_E2E_CACHE ?? `${homedir()}/.cache/holdfast-e2e`;
export const python = `${cache}/python/bin/python`;
/** Clients in other languages, as e2e/setup builds them. */
export const javaClient = `${cache}/client-java/classes`;
export const goClient = `${cache}/client-go/client-go`;
export const jar = fileURLToPath(new URL('../../cli/target/holdfast.jar', import.meta.url));

const found = (tool) => {
  try {
    return execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
};

/**
 * False if all are there; else the reason to skip, which is a failure in CI. For `test(…, { skip })`.
 * A name with a slash is a file, any other a program.
 */
export function missing(...tools) {
  const absent = tools.filter((tool) => (tool.includes('/') ? !existsSync(tool) : !found(tool)));
  if (absent.length === 0) return false;
  const reason = `missing: ${absent.join(', ')}`;
  if (process.env.CI === 'true') throw new Error(reason);
  return reason;
}
