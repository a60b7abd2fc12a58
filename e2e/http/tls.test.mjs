// HTTPS and wss through the TLS listener, with a certificate made here and changed while it runs.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import tls from 'node:tls';
import { promisify } from 'node:util';
import { io as io475 } from 'socket.io-client-4.7.5';
import { io as newest } from 'socket.io-client-newest';
import { until, within } from '../lib/deadline.mjs';
import { noHoldfast, startHoldfast } from '../lib/gateway.mjs';
import { missing } from '../lib/paths.mjs';
import { scratchDirectory } from '../lib/process.mjs';
import { digestOf, pieces } from './bodies.mjs';
import { startHttpUpstream } from './upstream.mjs';

const run = promisify(execFile);

async function makeCertificate(directory, name) {
  const [certificate, key] = [join(directory, `${name}.crt`), join(directory, `${name}.key`)];
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${name}`],
    ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', key, '-out', certificate],
  ]);
  return { certificate, key };
}

describe('TLS', { skip: noHoldfast() || missing('openssl', 'curl') }, () => {
  const directory = scratchDirectory();
  let served;
  let upstream;
  let gateway;
  before(async () => {
    served = await makeCertificate(directory, 'served');
    upstream = await startHttpUpstream();
    gateway = await startHoldfast([upstream.url], { set: { 'tls.certificate': served.certificate, 'tls.key': served.key } });
  });
  after(async () => {
    await gateway?.stop();
    upstream?.stop();
  });

  test('requestsPassAndSayTheyWereHttps', async () => {
    const { stdout } = await run('curl', ['-sS', '--cacert', served.certificate, `${gateway.url}/headers`]);
    assert.equal(JSON.parse(stdout)['x-forwarded-proto'], 'https');
  });

  test('aLargeBodyIsWhole', async () => {
    const size = 200 * 1024 * 1024;
    const ca = readFileSync(served.certificate);
    const request = https.get(`${gateway.url}/blob?size=${size}`, { ca });
    const response = await within(30_000, 'headers', new Promise((resolve, reject) => request.on('response', resolve).on('error', reject)));
    assert.deepEqual(await digestOf(response), await digestOf(pieces(0, size)));
  });

  for (const [version, io] of Object.entries({ '4.7.5': io475, newest })) {
    for (const transports of [['websocket'], ['polling'], ['polling', 'websocket']]) {
      test(`socket.io-client ${version} by ${transports.join(' then ')}`, async () => {
        const ca = readFileSync(served.certificate);
        const socket = io(gateway.url, { path: '/ws/socket.io', transports, forceNew: true, reconnection: false, ca });
        await within(15_000, 'connect', new Promise((resolve, reject) => socket.once('connect', resolve).once('connect_error', reject)));
        const ask = (event, ...values) => within(15_000, event, new Promise((resolve) => socket.emit(event, ...values, resolve)));
        const text = 'x'.repeat(1_000_000);
        assert.equal(await ask('echo', text), text);
        assert.equal((await ask('headers'))['x-forwarded-proto'], 'https');
        socket.disconnect();
      });
    }
  }

  test('aChangedCertificateIsServedWithoutARestart', async () => {
    const subject = () =>
      new Promise((resolve, reject) => {
        const socket = tls.connect({ port: gateway.port, host: '127.0.0.1', rejectUnauthorized: false, minVersion: 'TLSv1.2' }, () => {
          resolve(socket.getPeerCertificate().subject.CN);
          socket.destroy();
        });
        socket.on('error', reject);
      });
    assert.equal(await subject(), 'served');
    const next = await makeCertificate(directory, 'next');
    copyFileSync(next.key, served.key);
    copyFileSync(next.certificate, served.certificate);
    await until('the new certificate is served', async () => (await subject()) === 'next', { ms: 60_000, every: 250 });
  });
});
