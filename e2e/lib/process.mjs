// Programs that a test starts: their output is kept, and none outlives the test process.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { within } from './deadline.mjs';
import { artefacts } from './paths.mjs';

const running = new Set();
const scratch = [];
process.on('exit', () => {
  for (const child of running) child.process.kill('SIGKILL');
  for (const directory of scratch) rmSync(directory, { recursive: true, force: true });
});
for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.once(name, () => process.exit(1));

/** What the admin API of every Holdfast asks for, and its commands bring. */
export const adminToken = 'a token of the end-to-end tests';

// The tests' own names stay here: Holdfast refuses HOLDFAST_* variables that it does not know.
const inherited = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('HOLDFAST_E2E_'))),
  HOLDFAST_ADMIN_TOKEN: adminToken,
};

/** One started program. Its output goes to artefacts/logs and stays readable as `output`. */
export class Program {
  #waiting = [];

  constructor(name, command, args, { env = {}, cwd } = {}) {
    this.name = name;
    this.output = '';
    mkdirSync(join(artefacts, 'logs'), { recursive: true });
    this.file = createWriteStream(join(artefacts, 'logs', `${name}-${process.pid}-${Date.now()}.log`));
    this.process = spawn(command, args, { cwd, env: { ...inherited, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(this);
    this.exited = new Promise((resolve) => {
      const end = (code, signal) => {
        running.delete(this);
        this.exit = { code, signal };
        this.#look();
        resolve(this.exit);
      };
      this.process.once('close', end);
      this.process.once('error', (error) => {
        this.output += `\n${error}\n`;
        end(-1, null);
      });
    });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        this.output += text;
        this.file.write(text);
        this.#look();
      });
    }
  }

  get pid() {
    return this.process.pid;
  }

  /** The match of the first such output, from `from` on. */
  async says(pattern, { ms = 30_000, from = 0 } = {}) {
    const said = new Promise((resolve, reject) => this.#waiting.push({ pattern, from, resolve, reject }));
    this.#look();
    try {
      return await within(ms, `${this.name} says ${pattern}`, said);
    } catch (error) {
      error.message += `\n--- last output of ${this.name}:\n${this.output.slice(-3000)}`;
      throw error;
    }
  }

  #look() {
    this.#waiting = this.#waiting.filter((one) => {
      const match = this.output.slice(one.from).match(one.pattern);
      if (match) one.resolve(match);
      else if (this.exit) one.reject(new Error(`${this.name} ended (${JSON.stringify(this.exit)})`));
      return !match && !this.exit;
    });
  }

  signal(name) {
    this.process.kill(name);
  }

  /** Asks it to stop, insists after `ms`; returns how it ended. */
  async stop(signal = 'SIGTERM', ms = 15_000) {
    if (this.exit) return this.exit;
    this.signal(signal);
    const insist = setTimeout(() => this.signal('SIGKILL'), ms);
    const exit = await this.exited;
    clearTimeout(insist);
    this.file.end();
    return exit;
  }
}

const given = new Set();

function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** A port that is free, below those that the system gives, to connections, too; nobody here was given it before. */
export async function freePort() {
  for (;;) {
    const port = 10_240 + Math.floor(Math.random() * 22_528);
    if (!given.has(port) && (await isFree(port))) {
      given.add(port);
      return port;
    }
  }
}

/** A directory that is gone when the tests are. */
export function scratchDirectory() {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-e2e-'));
  scratch.push(directory);
  return directory;
}
