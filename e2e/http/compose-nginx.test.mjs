// compose/nginx.conf, the very file, in front of a server that tells what it was asked.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { until } from '../lib/deadline.mjs';
import { missing } from '../lib/paths.mjs';
import { freePort, Program, scratchDirectory } from '../lib/process.mjs';

const original = new URL('../../compose/nginx.conf', import.meta.url);

/** Headers by which something in front of Open WebUI says who asks, and from where. */
const said = {
  Forwarded: 'for=203.0.113.1',
  'X-Forwarded-For': '203.0.113.1',
  'X-Real-IP': '203.0.113.1',
  'Remote-User': 'admin',
  'Remote-Email': 'admin@example.org',
  'X-Forwarded-User': 'admin',
  'X-Forwarded-Email': 'admin@example.org',
  'X-Auth-Request-Email': 'admin@example.org',
  'X-WebAuth-User': 'admin',
  'Cf-Access-Authenticated-User-Email': 'admin@example.org',
  'Tailscale-User-Login': 'admin@example.org',
};

describe('nginx as in compose/cluster.yaml', { skip: missing('nginx') }, () => {
  let server;
  let program;
  let port;
  before(async () => {
    server = createServer((asked, answer) => answer.end(JSON.stringify(asked.headers)));
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = await freePort();
    const directory = scratchDirectory();
    const file = join(directory, 'nginx.conf');
    const changed = readFileSync(original, 'utf8')
      .replaceAll('/tmp/', `${directory}/`)
      .replace(/resolver [^;]*;/, '')
      .replace('listen 8080', `listen 127.0.0.1:${port}`)
      .replace('127.0.0.1:8081', `127.0.0.1:${await freePort()}`)
      .replace('holdfast:8000', `127.0.0.1:${server.address().port}`);
    writeFileSync(file, `daemon off;\n${changed}`);
    program = new Program('compose-nginx', 'nginx', ['-p', directory, '-c', file, '-e', 'stderr']);
    await until('nginx answers', () => ask({}).then((headers) => headers.host, () => false));
  });
  after(() => {
    program.signal('SIGTERM');
    server.close();
    server.closeAllConnections();
  });

  const ask = (headers) =>
    new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, headers }, async (answer) => {
        let text = '';
        for await (const part of answer) text += part;
        resolve(JSON.parse(text));
      })
        .on('error', reject)
        .end();
    });

  test('whatAClientSaysOfItselfCountsForNothing', async () => {
    const arrived = await ask(said);

    assert.equal(arrived['x-forwarded-for'], '127.0.0.1');
    const lies = Object.keys(said).filter((name) => /admin|203\.0/.test(arrived[name.toLowerCase()] ?? ''));
    assert.deepEqual(lies, []);
  });

  test('otherHeadersPass', async () => {
    const arrived = await ask({ Authorization: 'Bearer x', 'X-Some': 'thing' });

    assert.equal(arrived.authorization, 'Bearer x');
    assert.equal(arrived['x-some'], 'thing');
  });
});
