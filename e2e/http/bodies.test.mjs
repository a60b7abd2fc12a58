// C11: bodies of any size in constant memory, streams as they come, ranges as they are.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { pause, signal, until, within } from '../lib/deadline.mjs';
import { isHoldfast, noGateway, noHoldfast, startGateway } from '../lib/gateway.mjs';
import { missing } from '../lib/paths.mjs';
import { bodyStream, digestOf, pieces } from './bodies.mjs';
import { startHttpUpstream } from './upstream.mjs';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
const run = promisify(execFile);
const curl = (...args) => run('curl', ['-sS', '--max-time', '120', ...args], { encoding: 'buffer', maxBuffer: 64 * MIB });
/** curl's own digest of what it downloads: 1 GiB through a pipe of Node's costs more than the gateway. */
const curlDigest = async (url) => (await run('bash', ['-c', 'set -o pipefail; curl -sSf --max-time 300 "$1" | sha256sum', '-', url])).stdout.split(' ')[0];
const residentKib = (pid) => Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmHWM:\s+(\d+) kB/)[1]);

describe('HTTP bodies', { skip: noGateway() || missing('curl') }, () => {
  let upstream;
  let gateway;
  before(async () => {
    upstream = await startHttpUpstream();
    // A heap that one of these bodies would burst sixteen times over.
    gateway = await startGateway([upstream.url], { java: ['-Xmx64m', '-XX:MaxDirectMemorySize=64m'] });
  });
  after(async () => {
    await gateway?.stop();
    upstream?.stop();
  });

  const memory = (t, what, before) => {
    const grown = residentKib(gateway.pid) - before;
    t.diagnostic(`${what}: peak resident memory grew by ${Math.round(grown / 1024)} MiB to ${Math.round((before + grown) / 1024)} MiB`);
    assert.ok(grown < 192 * 1024, `${grown} KiB more`);
  };

  test('aGibibyteComesDownInConstantMemory', async (t) => {
    const before = residentKib(gateway.pid);
    const expected = await digestOf(pieces(0, GIB));
    assert.equal(await curlDigest(`${gateway.url}/blob?size=${GIB}`), expected.sha256);
    memory(t, '1 GiB down', before);
  });

  test('aGibibyteGoesUpInConstantMemory', async (t) => {
    for (const headers of [{ 'Content-Length': GIB }, {}]) {
      const before = residentKib(gateway.pid);
      const request = http.request(`${gateway.url}/sink`, { method: 'POST', headers });
      const answered = new Promise((resolve, reject) => request.on('response', resolve).on('error', reject));
      bodyStream(0, GIB).pipe(request);
      const response = await within(240_000, 'the answer', answered);
      const seen = JSON.parse(Buffer.concat(await response.toArray()));
      assert.deepEqual(seen, await digestOf(pieces(0, GIB)));
      memory(t, `1 GiB up, ${headers['Content-Length'] ? 'with a length' : 'chunked'}`, before);
    }
  });

  test('aSlowReaderHoldsTheUpstreamBack', async () => {
    const reader = http.get(`${gateway.url}/flood`);
    const [response] = await within(10_000, 'headers', new Promise((resolve) => reader.once('response', (...all) => resolve(all))));
    response.pause();
    let last = -1;
    let same = 0;
    await until('the upstream is held back', () => {
      same = upstream.sent === last ? same + 1 : 0;
      last = upstream.sent;
      return same >= 10;
    }, { every: 100, ms: 30_000 });
    assert.ok(upstream.sent < 64 * MIB, `${upstream.sent} bytes were taken for a reader that reads nothing`);

    let read = 0;
    response.on('data', (chunk) => (read += chunk.length)).resume();
    await until('it flows again', () => read > 128 * MIB, { ms: 60_000 });
    reader.destroy();
  });

  test('eachEventIsDeliveredBeforeTheNextIsSent', async () => {
    const reader = http.get(`${gateway.url}/steps`);
    let text = '';
    let heard = signal();
    const [response] = await within(10_000, 'headers before the first event', new Promise((resolve) => reader.once('response', (...all) => resolve(all))));
    response.on('error', () => {}).on('data', (chunk) => {
      text += chunk;
      heard.resolve();
      heard = signal();
    });
    for (let n = 1; n <= 200; n++) {
      upstream.release();
      while (!text.endsWith(`data: step ${n}\n\n`)) await within(10_000, `step ${n}`, heard);
    }
    reader.destroy();
    upstream.release();
    assert.equal(await within(15_000, 'the upstream sees the reader go', upstream.gone), 'aborted');
  });

  test('curlWaitsForContinueAndIsAnswered', async () => {
    const { stdout, stderr } = await curl('-v', '-H', 'Expect: 100-continue', '--expect100-timeout', '60', '-H', 'Content-Type: x/y', '--data-binary', 'a'.repeat(100_000), `${gateway.url}/sink`);
    assert.match(stderr.toString(), /HTTP\/1\.1 100 /i);
    assert.deepEqual(JSON.parse(stdout).bytes, 100_000);
    const { stdout: status } = await curl('-o', '/dev/null', '-w', '%{http_code} %{size_upload}', '-H', 'Expect: 100-continue', '--expect100-timeout', '60', '--data-binary', 'a'.repeat(100_000), `${gateway.url}/refuses`);
    assert.match(status.toString(), isHoldfast ? /^401 / : /^\d+ /);
  });

  test('rangesAndValidatorsPassUntouched', async () => {
    const url = `${gateway.url}/blob?size=5000000`;
    const part = async (range) => {
      const { stdout } = await curl('-i', '-r', range, url);
      const head = stdout.subarray(0, stdout.indexOf('\r\n\r\n')).toString();
      return { head, body: stdout.subarray(head.length + 4) };
    };
    const middle = await part('1000-1999');
    assert.match(middle.head, /^HTTP\/1\.1 206/);
    assert.match(middle.head, /content-range: bytes 1000-1999\/5000000/i);
    assert.deepEqual(middle.body, Buffer.concat([...pieces(1000, 2000)]));
    assert.deepEqual((await part('4999990-')).body, Buffer.concat([...pieces(4_999_990, 5_000_000)]));
    assert.deepEqual((await part('-7')).body, Buffer.concat([...pieces(4_999_993, 5_000_000)]));
    assert.match((await part('6000000-')).head, /^HTTP\/1\.1 416[^]*bytes \*\/5000000/i);

    const { stdout: headOnly } = await curl('-I', url);
    assert.match(headOnly.toString(), /content-length: 5000000/i);
    const { stdout: unchanged } = await curl('-o', '/dev/null', '-w', '%{http_code}', '-H', 'If-None-Match: "blob-5000000"', url);
    assert.equal(unchanged.toString(), '304');
  });

  test('aSlowUploadThatIsRefusedAtOnceGetsItsAnswer', { skip: noHoldfast() }, async () => {
    const [mebibytes, block] = [4, Buffer.alloc(MIB / 10)];
    const socket = connect(gateway.port, '127.0.0.1');
    let answer = '';
    socket.setEncoding('latin1').on('data', (text) => (answer += text));
    socket.write(`POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: ${mebibytes * 10 * block.length}\r\n\r\n`);
    for (let sent = 0; sent < mebibytes * 10; sent++) {
      await new Promise((resolve, reject) => socket.once('error', reject).write(block, resolve));
      socket.removeAllListeners('error');
      await pause(100);
    }
    assert.match(answer, /^HTTP\/1\.1 413 [^]*\r\n\r\n(9\r\n)?too large/);
    socket.destroy();
  });

  test('oddPathsPassByteForByte', async () => {
    for (const path of ['/a%2Fb%20c//d/./e/../f;x=1?q=%00&r=a+b&&=', '/%e4%b8%96?%F0%9F%98%80', '/?q=what+is+50%+of+80', '/c/50%', '/?', "/!$&'()*+,;=:@~-._?/?"]) {
      await curl('--path-as-is', '-o', '/dev/null', `${gateway.url}${path}`);
      assert.equal(upstream.requests.at(-1).url, path);
    }
  });
});
