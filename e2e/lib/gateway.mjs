// What stands between client and upstream: Holdfast, or for trying the tests themselves nginx.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jar, missing } from './paths.mjs';
import { freePort, Program, scratchDirectory } from './process.mjs';
import { until } from './deadline.mjs';

/** HOLDFAST_E2E_GATEWAY=nginx aims the transparency tests at nginx: what fails there too is the test's fault. */
const kind = process.env.HOLDFAST_E2E_GATEWAY ?? 'holdfast';
export const isHoldfast = kind === 'holdfast';

/** The reason why there is no gateway, or false. */
export const noGateway = () => (isHoldfast ? missing('java', jar) : missing(kind));

/** The reason why a test of Holdfast's own behaviour can't run, or false. */
export const noHoldfast = () => (isHoldfast ? missing('java', jar) : `only with Holdfast, not with ${kind}`);

/** Starts a gateway in front of these upstream URLs and waits until it serves. `set`: more settings by key. */
export function startGateway(upstreams, options = {}) {
  return isHoldfast ? startHoldfast(upstreams, options) : startNginx(upstreams, options);
}

/** HOLDFAST_E2E_NODES=3: as many nodes behind a load balancer that knows no session. */
const nodes = Number(process.env.HOLDFAST_E2E_NODES ?? 1);

export async function startHoldfast(upstreams, options = {}) {
  if (nodes === 1) return startNode(upstreams, options);
  const { startNodes } = await import('./nodes.mjs');
  return startNodes(nodes, upstreams, options);
}

/** Starts one node. */
export async function startNode(upstreams, { set = {}, env = {}, name = 'holdfast', java = [], ready = true, port: at } = {}) {
  const port = at ?? (await freePort());
  const adminPort = await freePort();
  const settings = Object.entries(set).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
  const program = new Program(
    name,
    process.env.HOLDFAST_E2E_JAVA ?? 'java',
    [
      ...java,
      ...['-jar', jar, 'serve', '--listen', `127.0.0.1:${port}`, '--admin-listen', `127.0.0.1:${adminPort}`],
      ...upstreams.flatMap((url) => ['--upstream', url]),
      ...settings,
    ],
    { env },
  );
  const scheme = set['tls.certificate'] ? 'https' : 'http';
  const gateway = Object.assign(program, {
    url: `${scheme}://127.0.0.1:${port}`,
    port,
    adminUrl: `http://127.0.0.1:${adminPort}`,
    metrics: async () => (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text(),
    isReady: async () => (await fetch(`http://127.0.0.1:${adminPort}/readyz`)).ok,
  });
  await program.says(/listening on https?:\/\//);
  if (ready) await until(`${name} is ready`, () => gateway.isReady().catch(() => false));
  return gateway;
}

async function startNginx(upstreams, { name = 'nginx' } = {}) {
  const port = await freePort();
  const directory = scratchDirectory();
  const file = join(directory, 'nginx.conf');
  writeFileSync(file, nginxConfiguration(directory, port, upstreams));
  const program = new Program(name, 'nginx', ['-p', directory, '-c', file, '-e', 'stderr']);
  const url = `http://127.0.0.1:${port}`;
  await until('nginx answers', () => fetch(`${url}/health`).then((answer) => answer.ok, () => false));
  return Object.assign(program, { url, port });
}

function nginxConfiguration(directory, port, upstreams) {
  const servers = upstreams.map((url) => `server ${new URL(url).host};`).join(' ');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((what) => `${what}_temp_path ${directory}/${what};`);
  return `daemon off; worker_processes 1; pid ${directory}/pid;
    events { worker_connections 512; }
    http {
      access_log off; ${temporary.join(' ')}
      upstream backend { ip_hash; ${servers} }
      map $http_upgrade $connection_header { default upgrade; '' ''; }
      server {
        listen 127.0.0.1:${port};
        client_max_body_size 0; proxy_http_version 1.1; proxy_buffering off; proxy_request_buffering off;
        proxy_set_header Host $http_host; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_header;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;
        location / { proxy_pass http://backend; }
      }
    }`;
}
