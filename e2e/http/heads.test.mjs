// What nginx and HAProxy both pass reaches the upstream through Holdfast, too: the same bytes of the target, the same fields.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { until } from '../lib/deadline.mjs';
import { noHoldfast, startNode } from '../lib/gateway.mjs';
import { total } from '../lib/metrics.mjs';
import { artefacts, missing } from '../lib/paths.mjs';
import { freePort, Program, scratchDirectory } from '../lib/process.mjs';
import { seeded } from '../lib/random.mjs';
import { ask, madeUp, startEcho } from './heads.mjs';

const REQUESTS = Number(process.env.HOLDFAST_E2E_HEADS ?? 2_500);
const SEED = Number(process.env.HOLDFAST_E2E_SEED ?? 20261130);
const AT_ONCE = 24;

/** Fields that end at each hop, RFC 9110 §7.6.1, and those that say who asks. */
const OWN = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'content-length'],
  ...['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host'],
]);

describe('heads', { skip: noHoldfast() || missing('nginx', 'haproxy') }, () => {
  let echo;
  let gateway;
  let programs;
  const ports = {};
  before(async () => {
    echo = await startEcho();
    gateway = await startNode([echo.url], { name: 'heads' });
    programs = [await start('nginx', nginx, (file, directory) => ['-p', directory, '-c', file, '-e', 'stderr'])];
    programs.push(await start('haproxy', haproxy, (file) => ['-f', file]));
    ports.holdfast = gateway.port;
  });
  after(async () => {
    await gateway?.stop();
    for (const program of programs ?? []) program.signal('SIGTERM');
    echo?.stop();
  });

  async function start(name, configuration, args) {
    const [port, directory] = [await freePort(), scratchDirectory()];
    const file = join(directory, `${name}.conf`);
    writeFileSync(file, configuration({ port, directory, upstream: echo.port }));
    const program = new Program(`heads-${name}`, name, args(file, directory));
    const sound = Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await until(`${name} answers`, async () => (await ask(port, sound)).reached);
    ports[name] = port;
    return program;
  }

  async function through(request) {
    const answers = await Promise.all(['nginx', 'haproxy', 'holdfast'].map((name) => ask(ports[name], request.bytes)));
    return { request, nginx: answers[0], haproxy: answers[1], holdfast: answers[2] };
  }

  test('whatNginxAndHaproxyBothPassReachesTheUpstreamAsItWasWritten', async (t) => {
    const random = seeded(SEED);
    const results = await inTurns(Array.from({ length: REQUESTS }, () => madeUp(random)), through);
    const passed = results.filter(({ request, nginx, haproxy }) => nginx.reached && haproxy.reached && request.strict.length === 0);
    const wrong = passed.map((result) => ({ ...result, why: difference(result) })).filter(({ why }) => why);
    t.diagnostic(`${results.length} requests; nginx and HAProxy both pass ${passed.length}, Holdfast ${results.filter(({ holdfast }) => holdfast.reached).length}`);
    writeFileSync(join(artefacts, 'heads.txt'), wrong.map(({ why, request }) => `${why}\n  ${JSON.stringify(request.text)}\n`).join(''));
    assert.deepEqual(wrong.slice(0, 10).map(({ why, request }) => ({ why, text: request.text })), [], `${wrong.length} differ; see artefacts/heads.txt`);
    assert.ok(passed.length > REQUESTS / 3, 'most of them say nothing');
    for (const { holdfast, request } of results) {
      if (!holdfast.reached) assert.ok(holdfast.status >= 400 && holdfast.body.length > 0, `a refusal without a word: ${holdfast.status} to ${JSON.stringify(request.text)}`);
    }
  });

  test('whatIsRefusedIsCountedAndLogged', async () => {
    const heads = ['GET /\t HTTP/1.1\r\nHost: a\r\n\r\n', 'GET / HTTP/1.1\r\n\r\n', 'GET / HTTP/1.1\nHost: a\n\n', `GET / HTTP/1.1\r\nHost: a\r\n${'A: b\r\n'.repeat(200)}\r\n`];
    const refused = async () => total(await gateway.metrics(), 'holdfast_refused_total');
    const counted = await refused();
    for (const head of heads) {
      const { status, body } = await ask(ports.holdfast, Buffer.from(head));
      assert.ok(status >= 400 && body.length > 0, `${status}: ${body}`);
    }
    assert.equal((await refused()) - counted, heads.length);
    // An address has one line a minute for each reason.
    for (const reason of ['malformed', 'header']) {
      await until(`${reason} is logged`, () => gateway.output.includes(`refused a request of 127.0.0.1 (${reason}): `));
    }
  });
});

async function inTurns(items, work) {
  const results = [];
  const rest = items.entries();
  const worker = async () => {
    for (const [n, item] of rest) results[n] = await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

/** How what reached the server through Holdfast differs from what reached it through either other one. */
function difference({ nginx, haproxy, holdfast }) {
  const got = holdfast.reached;
  if (!got) return `refused: ${holdfast.status} ${holdfast.body.toString('latin1').trim() || holdfast.problem || 'without a word'}`;
  const others = [nginx.reached, haproxy.reached];
  if (others.every(({ method }) => method !== got.method)) return `method ${got.method}`;
  if (others.every(({ target }) => target !== got.target)) return `target ${got.target}, not ${others.map(({ target }) => target).join(' or ')}`;
  const ended = new Set(others.flatMap(({ fields }) => fields.get('connection') ?? []).join(',').toLowerCase().split(',').map((name) => name.trim()));
  for (const name of new Set(others.flatMap(({ fields }) => [...fields.keys()]))) {
    if (OWN.has(name) || ended.has(name)) continue;
    const values = (fields) => JSON.stringify(fields.get(name) ?? []);
    const wanted = others.map(({ fields }) => values(fields));
    if (!wanted.includes(values(got.fields))) return `${name} ${values(got.fields)}, not ${wanted.join(' or ')}`;
  }
  return undefined;
}

const nginx = ({ port, directory, upstream }) => `daemon off; worker_processes 1; pid ${directory}/pid;
  events { worker_connections 512; }
  http {
    access_log off; ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((what) => `${what}_temp_path ${directory}/${what};`).join(' ')}
    server {
      listen 127.0.0.1:${port}; underscores_in_headers on; ignore_invalid_headers off;
      proxy_http_version 1.1; proxy_set_header Host $http_host; proxy_set_header Connection $http_connection;
      location / { proxy_pass http://127.0.0.1:${upstream}; }
    }
  }`;

const haproxy = ({ port, upstream }) => `defaults
  mode http
  timeout connect 5s
  timeout client 10s
  timeout server 10s
frontend public
  bind 127.0.0.1:${port}
  default_backend echo
backend echo
  server echo 127.0.0.1:${upstream}
`;
