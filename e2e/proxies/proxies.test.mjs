// Pages behind each proxy are served, those of other sites are not, whatever the proxy does with Host, scheme and port.
import assert from 'node:assert/strict';
import http from 'node:http';
import https from 'node:https';
import { after, before, describe, test } from 'node:test';
import WebSocket from 'ws';
import { within } from '../lib/deadline.mjs';
import { noHoldfast, startHoldfast } from '../lib/gateway.mjs';
import { missing } from '../lib/paths.mjs';
import { startHttpUpstream } from '../http/upstream.mjs';
import { aPort, documented, host, makeCertificate, proxies } from './proxies.mjs';

const PATH = '/ws/socket.io/?EIO=4&transport=';
const evil = 'https://evil.example';

/** Addresses that a page may have, with what a browser at it sends as Host and Origin. */
const pages = (scheme) => ({
  'the standard port': { Host: host, Origin: `${scheme}://${host}` },
  'another port': { Host: `${host}:18443`, Origin: `${scheme}://${host}:18443` },
});

/** Status and body of one polling request. */
function poll({ scheme, port }, headers, { sid, packet } = {}) {
  return within(10_000, 'an answer', new Promise((resolve, reject) => {
    const { request } = scheme === 'https' ? https : http;
    const options = { port, headers, host: '127.0.0.1', servername: host, rejectUnauthorized: false, agent: false };
    const asked = request({ ...options, path: `${PATH}polling${sid ? `&sid=${sid}` : ''}`, method: packet ? 'POST' : 'GET' }, async (answer) => {
      let body = '';
      for await (const part of answer) body += part;
      resolve({ status: answer.statusCode, body, headers: answer.headers });
    });
    asked.on('error', reject).end(packet);
  }));
}

/** The first two packets of a WebSocket that connects, or status and body of its refusal. */
function webSocket({ scheme, port }, headers) {
  return within(10_000, 'a connection', new Promise((resolve, reject) => {
    const url = `${scheme === 'https' ? 'wss' : 'ws'}://127.0.0.1:${port}${PATH}websocket`;
    const socket = new WebSocket(url, { headers, servername: host, rejectUnauthorized: false });
    const packets = [];
    socket.on('message', (data) => {
      packets.push(String(data));
      if (packets.length === 1) return socket.send('40');
      socket.close();
      resolve({ packets });
    });
    socket.on('unexpected-response', async (request, answer) => {
      let body = '';
      for await (const part of answer) body += part;
      resolve({ status: answer.statusCode, body });
    });
    socket.on('error', reject);
  }));
}

async function isServed(proxy, headers) {
  const { packets, ...refusal } = await webSocket(proxy, headers);
  assert.deepEqual(refusal, {});
  assert.match(packets[1], /^40\{"sid":/);

  const open = await poll(proxy, headers);
  assert.equal(open.status, 200, open.body);
  const { sid } = JSON.parse(open.body.slice(1));
  assert.equal((await poll(proxy, headers, { sid, packet: '40' })).body, 'ok');
  assert.match((await poll(proxy, headers, { sid })).body, /^40\{"sid":/);
  await poll(proxy, headers, { sid, packet: '1' });
}

async function isRefused(proxy, headers) {
  const answers = [await webSocket(proxy, headers), await poll(proxy, headers)];
  for (const { status, body } of answers) {
    assert.equal(status, 403);
    assert.match(body, /Origin is '.*', but the request /);
    assert.match(body, /socketio\.origins \(CORS_ALLOW_ORIGIN\)/);
  }
  assert.equal(answers[1].headers['access-control-allow-origin'], undefined);
}

const skip = noHoldfast() || missing('openssl');
const gateways = {};
let upstream;
let certificate;
const began = Date.now();
before(async () => {
  if (skip) return;
  certificate = await makeCertificate();
  upstream = await startHttpUpstream();
  const start = (name, set) => startHoldfast([upstream.url], { name, set });
  [gateways.untrusted, gateways.trusted] = await Promise.all([start('untrusting'), start('trusting', { 'proxy.trusted-proxies': '127.0.0.1' })]);
});
after(async () => {
  await Promise.all(Object.values(gateways).map((gateway) => gateway.stop()));
  upstream?.stop();
});

for (const [name, { language, absent, usual, usualTls, statesScheme, start }] of Object.entries(proxies)) {
  describe(name, { skip: skip || absent() }, () => {
    const at = {};
    let proxy;
    before(async () => {
      const blocks = [];
      for (const [who, gateway] of Object.entries(gateways)) {
        at[`${who} http`] = { scheme: 'http', port: await aPort() };
        at[`${who} https`] = { scheme: 'https', port: await aPort() };
        blocks.push(usual(at[`${who} http`].port, gateway.port), usualTls(at[`${who} https`].port, gateway.port, certificate));
      }
      at['documented http'] = { scheme: 'http', port: await aPort() };
      at['documented https'] = { scheme: 'https', port: await aPort() };
      blocks.push(...ofPage(name, language, at['documented http'].port, at['documented https'].port, gateways.trusted.port));
      proxy = await start(blocks, Object.values(at).map(({ port }) => port));
    });
    after(() => proxy?.stop());

    for (const key of ['untrusted http', 'untrusted https', 'trusted http', 'trusted https', 'documented http', 'documented https']) {
      const [who, scheme] = key.split(' ');
      for (const [where, headers] of Object.entries(pages(scheme))) {
        test(`${who} it serves a page of ${scheme} at ${where}`, () => isServed(at[key], headers));
      }
      test(`${who} it refuses a page of another site, by ${scheme}`, () => isRefused(at[key], { Host: host, Origin: evil }));
    }

    if (statesScheme) {
      test('whereItIsTrustedAPageOfTheOtherSchemeIsRefused', () => isRefused(at['trusted https'], { Host: host, Origin: `http://${host}` }));
    }
  });
}

test('refusalsOfAnAddressAreALineAMinuteWithWhatWasGotAndExpected', { skip }, () => {
  const lines = gateways.untrusted.output.match(/refused a request of .*\(origin\).*/g);
  assert.ok(lines.length <= 1 + (Date.now() - began) / 60_000, lines.join('\n'));
  assert.match(lines[0], /^refused a request of 127\.0\.0\.1 \(origin\): Origin is 'https:\/\/evil\.example', but .*'chat\.example\.org' \(Host\)/);
});

/** The page's block for one node, listening without TLS and with it: one server where the proxy has both in one, else two. */
function ofPage(name, language, plain, tls, gateway) {
  const { certificate: file, key, both } = certificate;
  const heading = { nginx: 'nginx', haproxy: 'HAProxy', apache: 'Apache', caddy: 'Caddy' }[name];
  const listens = {
    nginx: [{ 'listen 80;': `listen 127.0.0.1:${plain}; listen 127.0.0.1:${tls} ssl; ssl_certificate ${file}; ssl_certificate_key ${key};` }],
    haproxy: [{ 'bind :80': `bind 127.0.0.1:${plain}\n  bind 127.0.0.1:${tls} ssl crt ${both}` }],
    apache: [{ '*:80>': `*:${plain}>` }, { '*:80>': `*:${tls}>\nSSLEngine on\nSSLCertificateFile ${file}\nSSLCertificateKeyFile ${key}` }],
    caddy: [{ [`${host} {`]: `http://${host}:${plain} {` }, { [`${host} {`]: `https://${host}:${tls} {\n  tls ${file} ${key}` }],
  }[name];
  return listens.map((listen) => documented(heading, language, { ...listen, '127.0.0.1:8000': `127.0.0.1:${gateway}` }));
}
