// An HTTP server in the test's own process, so that a test can say when the next chunk goes out.
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { signal } from '../lib/deadline.mjs';
import { bodyStream, digestOf } from './bodies.mjs';

/** `requests`: what came; `sent`: bytes of /flood so far; `release()`: let /steps send its next event. */
export async function startHttpUpstream() {
  const state = { requests: [], sent: 0, next: signal(), gone: signal() };
  const http = createServer((request, response) => handle(state, request, response));
  http.on('checkContinue', (request, response) => {
    if (request.url === '/refuses') return response.writeHead(401, { Connection: 'close' }).end('not you');
    response.writeContinue();
    handle(state, request, response);
  });
  const io = new Server(http, { path: '/ws/socket.io', maxHttpBufferSize: 16 * 1024 * 1024 });
  io.on('connection', (socket) => {
    socket.on('echo', (...values) => values.pop()(...values));
    socket.on('headers', (answer) => answer(socket.handshake.headers));
  });
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
  return Object.assign(state, {
    url: `http://127.0.0.1:${http.address().port}`,
    release() {
      const released = state.next;
      state.next = signal();
      released.resolve();
    },
    stop() {
      io.close();
      http.closeAllConnections();
    },
  });
}

async function handle(state, request, response) {
  const { pathname, searchParams } = new URL(request.url, 'http://x');
  const json = (value) => response.setHeader('Content-Type', 'application/json').end(JSON.stringify(value));
  if (pathname === '/health') return json({ status: true });
  state.requests.push({ method: request.method, url: request.url, headers: request.headers });
  if (pathname === '/blob') return blob(request, response, Number(searchParams.get('size')));
  if (pathname === '/small') return response.writeHead(413, { Connection: 'close' }).end('too large');
  if (pathname === '/sink') return json(await digestOf(request));
  if (pathname === '/steps') return steps(state, response);
  if (pathname === '/flood') return flood(state, response);
  if (pathname === '/headers') return json(request.headers);
  response.writeHead(404).end();
}

/** A file as nginx or Starlette would serve it, with ETag and single ranges. */
function blob(request, response, size) {
  const [, first, last] = (request.headers.range ?? '').match(/^bytes=(\d*)-(\d*)$/) ?? [];
  const headers = { 'Content-Type': 'application/octet-stream', 'Accept-Ranges': 'bytes', ETag: `"blob-${size}"` };
  if (request.headers['if-none-match'] === headers.ETag) return response.writeHead(304, headers).end();
  if (first === undefined) {
    response.writeHead(200, { ...headers, 'Content-Length': size });
    return request.method === 'HEAD' ? response.end() : bodyStream(0, size).pipe(response);
  }
  const start = first === '' ? size - Number(last) : Number(first);
  const end = first === '' || last === '' ? size : Number(last) + 1;
  if (start >= size) return response.writeHead(416, { 'Content-Range': `bytes */${size}` }).end();
  response.writeHead(206, { ...headers, 'Content-Length': end - start, 'Content-Range': `bytes ${start}-${end - 1}/${size}` });
  bodyStream(start, end).pipe(response);
}

async function steps(state, response) {
  response.on('close', () => state.gone.resolve(response.writableFinished ? 'finished' : 'aborted'));
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
  response.flushHeaders();
  for (let n = 1; !response.destroyed; n++) {
    await state.next;
    response.write(`data: step ${n}\n\n`);
  }
}

/** Sends as fast as it is let. */
function flood(state, response) {
  response.writeHead(200, { 'Content-Type': 'application/octet-stream' });
  const block = Buffer.alloc(64 * 1024, 7);
  const pour = () => {
    while (!response.destroyed) {
      state.sent += block.length;
      if (!response.write(block)) return response.once('drain', pour);
    }
  };
  pour();
}
