// Real servers of Redis, each in a way in which it is deployed, and Sentinels that know them.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, Program, scratchDirectory } from '../lib/process.mjs';

export const awkward = 'p@w%/:#?';

/** Starts redis-server with these lines of configuration. */
async function server(name, lines, { sentinel = false, ready = /Ready to accept connections/ } = {}) {
  const port = await freePort();
  const folder = scratchDirectory();
  const file = join(folder, `${name}.conf`);
  const own = sentinel ? [`port ${port}`] : [...(lines.some((line) => line.startsWith('tls-port')) ? ['port 0'] : [`port ${port}`]), 'save ""'];
  writeFileSync(file, [...own, 'bind 127.0.0.1', `dir ${folder}`, ...lines.map((line) => line.replace('PORT', port))].join('\n'));
  const program = new Program(name, 'redis-server', [file, ...(sentinel ? ['--sentinel'] : [])]);
  await program.says(sentinel ? /Sentinel ID is/ : ready);
  return { port, program, folder };
}

/** A Sentinel that watches that master under this name. */
const sentinel = (name, { port }, lines = [], master = 'mymaster') =>
  server(
    name,
    [
      `sentinel monitor ${master} 127.0.0.1 ${port} 1`,
      `sentinel down-after-milliseconds ${master} 500`,
      `sentinel failover-timeout ${master} 2000`,
      ...lines,
    ],
    { sentinel: true },
  );

/** A certificate for localhost that nobody has signed but itself. */
function certificate() {
  const folder = scratchDirectory();
  const [certificate, key] = ['certificate.pem', 'key.pem'].map((name) => join(folder, name));
  const options = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost'];
  execFileSync('openssl', ['req', '-x509', ...options, '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  return { certificate, key };
}

const acl = ['user default off', 'user gate on >pw ~* &* +@all'];
const authPass = 'sentinel auth-pass mymaster pw';

export async function startServers() {
  const tls = certificate();
  const files = [`tls-cert-file ${tls.certificate}`, `tls-key-file ${tls.key}`, `tls-ca-cert-file ${tls.certificate}`];
  const [plain, password, hard, user, secure, mutual, cluster] = await Promise.all([
    server('redis-plain', ['unixsocket redis.sock']),
    server('redis-password', ['requirepass pw']),
    server('redis-hard-password', [`requirepass "${awkward}"`]),
    server('redis-user', acl),
    server('redis-tls', ['tls-port PORT', 'tls-auth-clients no', ...files]),
    server('redis-mutual', ['tls-port PORT', ...files]),
    server('redis-cluster', ['cluster-enabled yes']),
  ]);
  const redisCli = (port, ...words) => execFileSync('redis-cli', ['-p', String(port), ...words], { encoding: 'utf8' });
  redisCli(cluster.port, 'CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  const replica = await server('redis-replica', [`replicaof 127.0.0.1 ${password.port}`, 'masterauth pw', 'requirepass pw']);
  const [open, closed, half, gated, mixed] = await Promise.all([
    sentinel('sentinel-open', plain),
    sentinel('sentinel-closed', password, [authPass, 'requirepass pw']),
    sentinel('sentinel-half', password, [authPass]),
    sentinel('sentinel-gated', user, ['sentinel auth-user Main gate', 'sentinel auth-pass Main pw', ...acl], 'Main'),
    sentinel('sentinel-mixed', user, ['sentinel auth-user mymaster gate', authPass]),
  ]);
  const all = [plain, password, hard, user, secure, mutual, cluster, replica, open, closed, half, gated, mixed];
  return {
    tls,
    socket: join(plain.folder, 'redis.sock'),
    servers: { plain, password, hard, user, secure, mutual, cluster, replica },
    sentinels: { open, closed, half, gated, mixed },
    redisCli,
    stop: () => Promise.all(all.map(({ program }) => program.stop('SIGKILL'))),
  };
}
