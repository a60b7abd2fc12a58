// A network whose proxy lets no WebSocket through, and what Open WebUI answers in it.
import { writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { until } from '../lib/deadline.mjs';
import { freePort, Program, scratchDirectory } from '../lib/process.mjs';

/** Where everybody behind the office's proxy comes from. */
const ADDRESS = '192.0.2.10';

/** nginx in front of this port, with the headers that it passes on by default: `Upgrade` is not among them. */
export async function startOffice(target) {
  const port = await freePort();
  const directory = scratchDirectory();
  const file = join(directory, 'office.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((what) => `${what}_temp_path ${directory}/${what};`);
  writeFileSync(
    file,
    `daemon off; worker_processes 1; pid ${directory}/pid;
    events { worker_connections 512; }
    http {
      access_log off; ${temporary.join(' ')}
      server {
        listen 127.0.0.1:${port};
        location / {
          proxy_pass http://127.0.0.1:${target};
          proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For ${ADDRESS};
        }
      }
    }`,
  );
  const program = new Program('office-nginx', 'nginx', ['-p', directory, '-c', file, '-e', 'stderr']);
  const url = `http://127.0.0.1:${port}`;
  await until('nginx answers', () => fetch(`${url}/health`).then((answer) => answer.ok, () => false));
  return Object.assign(program, { url, port });
}

/** The answer to a GET: its status, its headers but those that differ each time, and its body as it was sent and as it is meant. */
export const answerTo = (url, headers) =>
  new Promise((resolve, reject) => {
    get(url, { headers, agent: false }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () => {
        const sent = Buffer.concat(parts);
        const coding = answer.headers['content-encoding'] ?? 'identity';
        resolve({ status: answer.statusCode, headers: answer.headers, coding, sent, text: decoders[coding]?.(sent).toString() });
      });
    }).on('error', reject);
  });

const decoders = { identity: (bytes) => bytes, gzip: gunzipSync, br: brotliDecompressSync };
