// Names of upstreams as they are: several addresses, dead ones first, and letters that only containers use.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { io } from 'socket.io-client-newest';
import { within } from '../lib/deadline.mjs';
import { noHoldfast, startNode } from '../lib/gateway.mjs';
import { jar } from '../lib/paths.mjs';
import { scratchDirectory } from '../lib/process.mjs';
import { startHttpUpstream } from './upstream.mjs';

const run = promisify(execFile);

describe('names of upstreams', { skip: noHoldfast() }, () => {
  const hosts = join(scratchDirectory(), 'hosts');
  writeFileSync(
    hosts,
    ['127.0.0.1 localhost', '127.0.0.9 up.test', '127.0.0.8 up.test', '127.0.0.1 up.test', '127.0.0.1 open_webui', '127.0.0.1 0webui'].join('\n'),
  );
  const java = [`-Djdk.net.hosts.file=${hosts}`];
  let upstream;
  before(async () => {
    upstream = await startHttpUpstream();
  });
  after(() => upstream?.stop());

  /** The headers that a page and a link have brought. */
  async function seen(gateway) {
    const page = await fetch(`${gateway.url}/headers`);
    assert.equal(page.status, 200);
    const socket = io(gateway.url, { path: '/ws/socket.io', transports: ['websocket'], forceNew: true, reconnection: false });
    try {
      await within(15_000, 'connect', new Promise((resolve, reject) => socket.once('connect', resolve).once('connect_error', reject)));
      return [await page.json(), await within(15_000, 'headers', new Promise((resolve) => socket.emit('headers', resolve)))];
    } finally {
      socket.disconnect();
    }
  }

  for (const name of ['up.test', 'open_webui', '0webui']) {
    test(`${name} is reached by requests, links and checks`, async () => {
      const url = `http://${name}:${new URL(upstream.url).port}`;
      const gateway = await startNode([url], { java });
      try {
        await seen(gateway);
      } finally {
        await gateway.stop();
      }
      // The stand-in says no version, which is all that the check may find.
      const { stdout } = await run('java', [...java, '-jar', jar, 'check', '--upstream', url]).catch((failed) => failed);
      assert.match(stdout, /the handshake over WebSocket is good/);
      assert.match(stdout, /health.*200/);
    });
  }

  test('aHostThatIsSetIsSentWithRequestsAndLinks', async () => {
    const gateway = await startNode([upstream.url], { set: { 'upstream.host': 'ui.internal' } });
    try {
      for (const headers of await seen(gateway)) assert.equal(headers.host, 'ui.internal');
    } finally {
      await gateway.stop();
    }
  });

  test('anHttpsNameThatTlsCannotNameIsRefused', async () => {
    const failed = await run('java', ['-jar', jar, 'config', '--upstream', 'https://open_webui:8443']).catch((problem) => problem);
    assert.equal(failed.code, 2);
    assert.match(failed.stderr, /has a host name that no certificate can name/);
  });
});
