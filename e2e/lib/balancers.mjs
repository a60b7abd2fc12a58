// Load balancers that know no session: no cookie, no hash, any node for any request.
import { writeFileSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { until } from './deadline.mjs';
import { missing } from './paths.mjs';
import { freePort, Program, scratchDirectory } from './process.mjs';

/**
 * Each starts in front of these ports of this host. What it returns has the address, and `remove(port)` for what an operator
 * or a check does when a node is gone; nginx and HAProxy need none, they notice.
 */
export const balancers = { own: startOwn, nginx: startNginx, haproxy: startHaproxy };

/** The reason why that one cannot be had, or false. */
export const noBalancer = (kind) => kind !== 'own' && missing(kind);

/** Nothing but turns: whoever is next gets the request, dead or alive. */
async function startOwn(ports) {
  const agent = new Agent({ keepAlive: true, maxSockets: 2_000 });
  let alive = [...ports];
  let turns = 0;
  const next = () => alive[turns++ % alive.length];
  const server = createServer((asked, answer) => {
    const { method, url: path, rawHeaders: headers } = asked;
    const sent = request({ host: '127.0.0.1', port: next(), method, path, headers, agent, setHost: false }, (given) => {
      answer.writeHead(given.statusCode, given.rawHeaders);
      given.on('error', () => answer.destroy());
      given.pipe(answer);
    });
    sent.on('error', () => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end()));
    answer.on('close', () => answer.writableFinished || sent.destroy());
    asked.pipe(sent);
  });
  server.on('upgrade', ({ method, url, rawHeaders }, client, head) => {
    const node = connect({ port: next(), host: '127.0.0.1', noDelay: true, allowHalfOpen: true }, () => {
      let lines = `${method} ${url} HTTP/1.1\r\n`;
      for (let at = 0; at < rawHeaders.length; at += 2) lines += `${rawHeaders[at]}: ${rawHeaders[at + 1]}\r\n`;
      node.write(`${lines}\r\n`);
      node.write(head);
      client.setNoDelay(true);
      client.pipe(node).pipe(client);
    });
    client.on('error', () => node.resetAndDestroy());
    node.on('error', () => client.destroy());
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    remove: (gone) => (alive = alive.filter((one) => one !== gone)),
    add: (back) => alive.push(back),
    close: () => {
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  };
}

function startNginx(ports) {
  return start('nginx', nginxConfiguration, (file, directory) => ['-p', directory, '-c', file, '-e', 'stderr'], ports);
}

function startHaproxy(ports) {
  return start('haproxy', haproxyConfiguration, (file) => ['-f', file], ports);
}

async function start(name, configuration, args, ports) {
  const port = await freePort();
  const directory = scratchDirectory();
  const file = join(directory, 'balancer.conf');
  writeFileSync(file, configuration({ port, ports, directory }));
  const program = new Program(`balancer-${name}`, name, args(file, directory));
  const answers = () => fetch(`http://127.0.0.1:${port}/health`).then((answer) => answer.status < 500, () => false);
  await until(`${name} answers`, answers);
  return { port, url: `http://127.0.0.1:${port}`, remove: () => {}, add: () => {}, close: () => program.signal('SIGTERM') };
}

/** As compose/nginx.conf, but with the nodes' addresses. */
function nginxConfiguration({ port, ports, directory }) {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((what) => `${what}_temp_path ${directory}/${what};`);
  return `daemon off; worker_processes 1; worker_rlimit_nofile 20000; pid ${directory}/pid;
    events { worker_connections 8192; }
    http {
      access_log off; ${temporary.join(' ')}
      upstream nodes { ${ports.map((one) => `server 127.0.0.1:${one};`).join(' ')} keepalive 256; }
      map $http_upgrade $connection_header { default upgrade; '' ''; }
      server {
        listen 127.0.0.1:${port} backlog=4096;
        client_max_body_size 0; proxy_http_version 1.1; proxy_buffering off; proxy_request_buffering off;
        proxy_read_timeout 1h; proxy_send_timeout 1h;
        proxy_connect_timeout 1s; proxy_next_upstream error timeout http_503; proxy_next_upstream_timeout 15s;
        proxy_set_header Host $http_host; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_header;
        proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme;
        location / { proxy_pass http://nodes; }
      }
    }`;
}

function haproxyConfiguration({ port, ports }) {
  return `global
  maxconn 8192
defaults
  mode http
  timeout connect 2s
  timeout client 1h
  timeout server 1h
  timeout tunnel 1h
  option redispatch
  retries 3
  retry-on conn-failure empty-response 503
  default-server check inter 500ms fall 1 rise 1
frontend public
  bind 127.0.0.1:${port} backlog 4096
  http-request set-header X-Forwarded-For %[src]
  default_backend nodes
backend nodes
  balance random
${ports.map((one, n) => `  server node-${n} 127.0.0.1:${one}`).join('\n')}
`;
}
