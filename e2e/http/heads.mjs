// Requests as they are written, byte by byte: made up from a seed, sent over raw sockets, and told back by the server that they reach.
import { createHash } from 'node:crypto';
import { connect, createServer } from 'node:net';
import { within } from '../lib/deadline.mjs';

const MARK = 'raw-echo';

/**
 * A server that answers each request with the bytes of its head. It answers health checks and one Engine.IO handshake as Open WebUI
 * does, so that Holdfast takes it for one.
 */
export async function startEcho() {
  const sockets = new Set();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    let come = Buffer.alloc(0);
    const read = (data) => {
      come = Buffer.concat([come, data]);
      const end = come.indexOf('\r\n\r\n');
      if (end < 0 || !bodyIsWhole(come.subarray(0, end).toString('latin1'), come.subarray(end + 4))) return;
      socket.off('data', read).resume();
      answer(socket, come.subarray(0, end + 4));
    };
    socket.on('data', read).on('error', () => {}).on('close', () => sockets.delete(socket));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function bodyIsWhole(head, body) {
  const length = head.match(/^content-length: *(\d+) *$/im);
  if (length) return body.length >= Number(length[1]);
  return !/^transfer-encoding: *chunked *$/im.test(head) || body.toString('latin1').endsWith('0\r\n\r\n');
}

function answer(socket, head) {
  const text = head.toString('latin1');
  const key = text.match(/^sec-websocket-key: *(\S+)/im);
  if (key && text.includes('/ws/socket.io/?')) {
    const accept = createHash('sha1').update(`${key[1]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    const open = '0{"sid":"echo","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}';
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
    socket.write(Buffer.concat([Buffer.from([0x81, open.length]), Buffer.from(open)]));
    return;
  }
  socket.end(Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nX-Server: ${MARK}\r\nConnection: close\r\nContent-Length: ${head.length}\r\n\r\n`), head]));
}

/** Sends these bytes and reads one response: its status, head and body, and what was told back if the server was reached. */
export async function ask(port, bytes, ms = 10_000) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let come = Buffer.alloc(0);
  try {
    await within(
      ms,
      'an answer',
      new Promise((resolve, reject) => {
        socket.on('error', (error) => (come.length > 0 ? resolve() : reject(error)));
        socket.on('close', resolve);
        socket.on('data', (data) => {
          come = Buffer.concat([come, data]);
          if (isWhole(come)) resolve();
        });
        socket.write(bytes);
      }),
    );
  } catch (error) {
    return { status: 0, head: '', body: Buffer.alloc(0), problem: error.message };
  } finally {
    socket.destroy();
  }
  const { head, body } = split(come);
  const reached = new RegExp(`^x-server: ${MARK}`, 'im').test(head);
  return { status: Number(head.slice(9, 12)), head, body, reached: reached ? parse(body) : undefined };
}

function split(come) {
  const end = come.indexOf('\r\n\r\n');
  return { head: come.subarray(0, end < 0 ? come.length : end).toString('latin1'), body: end < 0 ? Buffer.alloc(0) : come.subarray(end + 4) };
}

function isWhole(come) {
  if (!come.includes('\r\n\r\n')) return false;
  const { head, body } = split(come);
  const length = head.match(/^content-length: *(\d+)/im);
  return length !== null && body.length >= Number(length[1]);
}

/** A head as it reached the server: method, target, and the values of each field by its name in lower case. */
function parse(bytes) {
  const [line, ...lines] = bytes.toString('latin1').trimEnd().split('\r\n');
  const [method, ...rest] = line.split(' ');
  const fields = new Map();
  for (const each of lines) {
    const colon = each.indexOf(':');
    const name = each.slice(0, colon).toLowerCase();
    fields.set(name, [...(fields.get(name) ?? []), each.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '')]);
  }
  return { method, target: rest.slice(0, -1).join(' '), fields };
}

const TARGET = [
  ...['a', 'b', 'c', '7', '/', '/', '.', '..', '//', '-', '_', '~', '%', '%', '%4', '%zz', '%2F', '%2f', '%00', '%25', '%C3%A4', '%E4'],
  ...['?', '??', '?', '&', '=', '&&', '==', '+', ';', ';x=1', '!', '$', "'", '(', ')', '*', ',', ':', '@', '[', ']', '://', '50%', '%%'],
  ...['"', '<', '>', '\\', '^', '`', '{', '|', '}', 'x'.repeat(300), 'q=what+is+50%+of+80', '?q=', '#', '\u00e4', '\u00ff', '\u0001'],
];
const NAMES = [
  ...['Accept', 'Accept-Language', 'User-Agent', 'Cookie', 'Cookie', 'Authorization', 'Referer', 'Origin', 'If-None-Match', 'Range', 'Cache-Control'],
  ...['X-Custom', 'x-lower', 'X_UNDER', "X!#$%&'*+.^`|~", 'A', 'X-'.repeat(40), 'DNT', 'Content-Type', 'Accept-Encoding', 'Pragma', 'Via', 'Warning'],
  ...['Sec-Fetch-Mode', 'Access-Control-Request-Method', 'Content-Language', 'Expires', 'Date', 'From', 'Max-Forwards', 'Priority', 'Link'],
];
const VALUES = [
  ...['', 'x', 'a b', 'a  b', 'a   b  c', 'a\tb', ' \tpadded\t ', 'a=1; b=2', 'a=1;b="2"', 'c=%', 'W/"x"', 'bytes=0-1', '*/*;q=0.8', ',', ',,', '"', '""'],
  ...['\u00e4\u00f6', '\u00c3\u00a4', '\u0080\u00ff', 'v'.repeat(1500), '(comment (nested))', '\\', 'http://example.org/?a=b#c', 'a:b', ': x', '=?utf-8?q?x?='],
  ...['\u0001', '\u007f', 'null', 'Bearer eyJ.a.b', '0', '-1', '{"a": "b"}', '~', 'a,b , c'],
];
const CONNECTIONS = [
  ...['keep-alive', 'close', 'Keep-Alive', 'Close', 'keep-alive, X-Custom', 'close, X-Custom', 'X-Custom, close', 'X-Custom,X-Lower', ' , ,x-custom', 'TE'],
  ...['te, close', 'upgrade', 'Upgrade, keep-alive', 'cookie', 'content-length', 'host', 'transfer-encoding', ''],
];
const HOSTS = [
  ...['example.org', 'example.org:8080', 'EXAMPLE.org', 'open_webui:8080', '127.0.0.1', '[::1]:80', 'a', 'xn--bcher-kva.example', 'a.b.c.', 'x-1.y_2'],
  ...['', 'example.org:', 'example.org:0', 'example.org:99999', 'a b', 'a%41', '300.300.300.300', 'a,b', '[::', 'user@host', 'h\u00e4', 'a/b', '~', '!$&', '"'],
];

/** One request, and by which of its parts the strict reading may refuse it. */
export function madeUp(random) {
  const one = (of) => of[Math.floor(random() * of.length)];
  const chance = (p) => random() < p;
  const strict = new Set();
  let eol = '\r\n';
  if (chance(0.02)) {
    eol = '\n';
    strict.add('bare LF');
  }
  const lead = chance(0.1) ? one(['\r\n', '\r\n\r\n', '\r\n'.repeat(6), '\r\n'.repeat(20)]) : chance(0.01) ? (strict.add('bare LF'), '\n') : '';
  const bodied = chance(0.25);
  const method = chance(0.05) ? one(['PROPFIND', 'get', 'X-Y', 'M!', 'A'.repeat(30), 'QUERY', 'CONNECT', 'TRACE']) : bodied ? one(['POST', 'PUT', 'PATCH']) : one(['GET', 'GET', 'OPTIONS', 'DELETE']);
  let target = '/';
  for (let n = Math.floor(random() * 7); n > 0; n--) target += one(TARGET);
  const host = chance(0.75) ? 'example.org' : one(HOSTS);
  if (chance(0.05)) target = one([`http://${host}${target}`, `http://${host}`, `http://${host}?x`, `HTTP://${host}/`, `https://other.example${target}`, '*', target.slice(1), `${host}:80`]);
  const blank = chance(0.03) ? one(['  ', '\t', '   ']) : ' ';
  const version = chance(0.05) ? one(['HTTP/1.2', 'HTTP/2.0', 'http/1.1', 'HTTP/1.1 ', 'HTTP/1.10', 'HTTP/1', 'HTTP/0.9', 'XTTP/1.1']) : chance(0.1) ? 'HTTP/1.0' : 'HTTP/1.1';
  const lines = [];
  if (!chance(version === 'HTTP/1.0' ? 0.5 : 0.02)) lines.push(`Host: ${host}`);
  if (chance(0.02)) lines.push(`Host: ${one(HOSTS)}`);
  for (let n = Math.floor(random() * 9); n > 0; n--) {
    const name = one(NAMES);
    const colon = chance(0.1) ? one([':', ':  ', ':\t']) : chance(0.01) ? one([' :', '']) : ': ';
    lines.push(`${name}${colon}${one(VALUES)}`);
    if (chance(0.01)) {
      lines.push(one([' folded', '\tfolded']));
      strict.add('folded');
    }
    if (chance(0.1)) lines.push(`${chance(0.5) ? name : name.toLowerCase()}: ${one(VALUES)}`);
  }
  while (chance(0.25)) lines.push(`Connection: ${one(CONNECTIONS)}`);
  if (chance(0.1)) lines.push(one(['Keep-Alive: timeout=5', 'TE: trailers', 'Proxy-Connection: close', 'Trailer: X-A', 'Upgrade: h2c', 'Upgrade: x/1', 'Expect: nothing']));
  const body = framing(bodied, { chance, one, lines, strict });
  const at = (list) => list.splice(Math.floor(random() * (list.length + 1)), 0, ...list.splice(0, 1));
  if (lines.length > 1 && strict.size === 0) at(lines);
  const head = `${lead}${method}${blank}${target}${chance(0.02) ? '  ' : ' '}${version}${eol}${lines.map((line) => line + eol).join('')}${eol}`;
  return { bytes: Buffer.from(head + body, 'latin1'), text: head, strict: [...strict] };
}

function framing(bodied, { chance, one, lines, strict }) {
  if (!bodied) {
    if (chance(0.05)) lines.push('Content-Length: 0');
    return '';
  }
  if (chance(0.15)) {
    strict.add('framing');
    lines.push(...one([['Content-Length: +5'], ['Content-Length: 5', 'Content-Length: 5'], ['Content-Length: 5, 5'], ['Content-Length: 5', 'Transfer-Encoding: chunked']]));
    return 'hello';
  }
  if (chance(0.15)) {
    strict.add('framing');
    lines.push(one(['Transfer-Encoding: gzip, chunked', 'Transfer-Encoding: identity', 'Transfer-Encoding: chunked, chunked', 'Transfer-Encoding: xchunked']));
    return '5\r\nhello\r\n0\r\n\r\n';
  }
  if (chance(0.4)) {
    lines.push(one(['Transfer-Encoding: chunked', 'transfer-encoding: Chunked']));
    return '5\r\nhello\r\n0\r\n\r\n';
  }
  lines.push(one(['Content-Length: 5', 'content-length: 5', 'Content-Length: 005', 'Content-Length:5 ']));
  return 'hello';
}
