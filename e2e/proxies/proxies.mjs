// Real proxies with real blocks: the ones that people copy, and those of docs/proxies.md.
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '../lib/deadline.mjs';
import { missing } from '../lib/paths.mjs';
import { freePort, Program, scratchDirectory } from '../lib/process.mjs';

const run = promisify(execFile);
const page = readFileSync(new URL('../../docs/proxies.md', import.meta.url), 'utf8');

/** The name in the blocks, which tests put into Host; nothing resolves it. */
export const host = 'chat.example.org';

/** A block of the page, by its heading and its language, with these texts replaced. */
export function documented(heading, language, replaced = {}) {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`));
  const [, block] = section.match(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``));
  return Object.entries(replaced).reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`${heading}, ${language}: there is no ${from}`);
    return text.replaceAll(from, to);
  }, block);
}

/** A certificate for the host, once for all proxies. */
export async function makeCertificate() {
  const directory = scratchDirectory();
  const [certificate, key, both] = ['crt', 'key', 'pem'].map((end) => join(directory, `proxy.${end}`));
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', `/CN=${host}`],
    ...['-addext', `subjectAltName=DNS:${host}`, '-keyout', key, '-out', certificate],
  ]);
  writeFileSync(both, readFileSync(certificate, 'utf8') + readFileSync(key, 'utf8'));
  return { certificate, key, both };
}

const answers = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket.destroy() && true)).on('error', () => resolve(false));
  });

async function start(name, command, args, text, ports, options) {
  const directory = scratchDirectory();
  const file = join(directory, name === 'caddy' ? 'Caddyfile' : `${name}.conf`);
  writeFileSync(file, text(directory));
  const program = new Program(`proxy-${name}`, command, args(file, directory), options);
  for (const port of ports) {
    await until(() => `${name} listens\n${program.output}`, async () => {
      if (program.exit) throw new Error(`${name} ended\n${program.output}`);
      return answers(port);
    });
  }
  return program;
}

/**
 * Each has `start(blocks, ports)` for blocks of its language, `usual` for the one that people copy and `usualTls` for the same
 * behind TLS, `statesScheme` if that one sets X-Forwarded-Proto, and the reason why it can't be had, or false.
 */
export const proxies = {
  nginx: {
    language: 'nginx',
    absent: () => missing('nginx'),
    statesScheme: true,
    // As in the docs of Open WebUI: Host without the port.
    usual: (port, gateway) => nginxServer(`listen 127.0.0.1:${port};`, gateway, '$host'),
    usualTls: (port, gateway, { certificate, key }) =>
      nginxServer(`listen 127.0.0.1:${port} ssl; ssl_certificate ${certificate}; ssl_certificate_key ${key};`, gateway, '$host'),
    start: (blocks, ports) => start('nginx', 'nginx', (file, directory) => ['-p', directory, '-c', file, '-e', 'stderr'], (directory) => nginxHttp(directory, blocks), ports),
  },
  haproxy: {
    language: 'haproxy',
    absent: () => missing('haproxy'),
    usual: (port, gateway) => haproxy(port, `127.0.0.1:${port}`, gateway),
    usualTls: (port, gateway, { both }) => haproxy(port, `127.0.0.1:${port} ssl crt ${both}`, gateway),
    start: (blocks, ports) => start('haproxy', 'haproxy', (file) => ['-f', file], () => blocks.join('\n'), ports),
  },
  apache: {
    language: 'apache',
    absent: () => missing('apache2'),
    usual: (port, gateway) => apacheHost(port, '', gateway),
    usualTls: (port, gateway, { certificate, key }) =>
      apacheHost(port, `SSLEngine on\nSSLCertificateFile ${certificate}\nSSLCertificateKeyFile ${key}`, gateway),
    start: (blocks, ports) => start('apache', 'apache2', (file) => ['-f', file, '-D', 'FOREGROUND'], (directory) => apache(directory, blocks, ports), ports),
  },
  caddy: {
    language: 'caddy',
    absent: () => missing('caddy'),
    statesScheme: true,
    usual: (port, gateway) => `http://${host}:${port} {\n  reverse_proxy 127.0.0.1:${gateway}\n}`,
    usualTls: (port, gateway, { certificate, key }) =>
      `https://${host}:${port} {\n  tls ${certificate} ${key}\n  reverse_proxy 127.0.0.1:${gateway}\n}`,
    start: (blocks, ports) => {
      const home = scratchDirectory();
      const options = { env: { HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home } };
      const text = () => `{\n  admin off\n  auto_https disable_redirects\n}\n${blocks.join('\n')}\n`;
      return start('caddy', 'caddy', (file) => ['run', '--adapter', 'caddyfile', '--config', file], text, ports, options);
    },
  },
};

/** A port that the proxy will listen on. */
export const aPort = freePort;

function nginxHttp(directory, blocks) {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((what) => `${what}_temp_path ${directory}/${what};`);
  return `daemon off; worker_processes 1; pid ${directory}/pid; error_log stderr;
    events { worker_connections 512; }
    http { access_log off; ${temporary.join(' ')}
${blocks.join('\n')}
    }`;
}

function nginxServer(listen, gateway, hostHeader) {
  return `server {
    ${listen}
    server_name ${host};
    location / {
      proxy_pass http://127.0.0.1:${gateway};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade";
      proxy_set_header Host ${hostHeader};
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_buffering off;
    }
  }`;
}

function haproxy(name, bind, gateway) {
  return `defaults
  mode http
  option forwardfor
  timeout connect 5s
  timeout client 50s
  timeout server 50s
frontend public-${name}
  bind ${bind}
  default_backend holdfast-${name}
backend holdfast-${name}
  server one 127.0.0.1:${gateway}
`;
}

function apache(directory, blocks, ports) {
  const modules = ['mpm_event', 'authz_core', 'proxy', 'proxy_http', 'proxy_wstunnel', 'proxy_balancer', 'lbmethod_byrequests', 'slotmem_shm', 'ssl', 'socache_shmcb', 'headers'];
  return `${modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
ServerName localhost
ServerRoot ${directory}
DefaultRuntimeDir ${directory}
PidFile ${directory}/pid
ErrorLog ${directory}/error.log
User nobody
Group nogroup
${ports.map((port) => `Listen 127.0.0.1:${port}`).join('\n')}
${blocks.join('\n')}
`;
}

function apacheHost(port, tls, gateway) {
  return `<VirtualHost *:${port}>
  ServerName ${host}
  ${tls}
  ProxyPass / http://127.0.0.1:${gateway}/ upgrade=websocket
  ProxyPassReverse / http://127.0.0.1:${gateway}/
</VirtualHost>`;
}
