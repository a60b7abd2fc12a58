// A Socket.IO server (Node) with the ways of Open WebUI's: path, /health, 16 MiB messages.
// usage: upstream-node.mjs [PORT] [--ping-interval MS] [--ping-timeout MS]
// Says "listening on PORT". GET /transcript?name=N: what each socket whose auth.name is N did, as JSON.
// With quiet in its query, a client is not greeted.
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { Server } from 'socket.io';
import { brief, sha256 } from './brief.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'ping-interval': { type: 'string', default: '25000' }, 'ping-timeout': { type: 'string', default: '20000' } },
});
const transcripts = new Map();
const requests = [];
let held;

const http = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://x');
  requests.push({ url: pathname, headers: request.headers });
  const json = (value) => response.setHeader('Content-Type', 'application/json').end(JSON.stringify(value));
  if (pathname === '/health') return json({ status: true });
  if (pathname === '/transcript') return json(transcripts.get(searchParams.get('name')) ?? []);
  if (pathname === '/requests') return json(requests);
  if (pathname === '/held') return (held = response.writeHead(200).write('begun, ') && response);
  if (pathname === '/release') return json(Boolean(held.end('finished')));
  if (pathname === '/pid') return json(process.pid);
  response.writeHead(404).end();
});

const io = new Server(http, {
  path: '/ws/socket.io',
  maxHttpBufferSize: 16 * 1024 * 1024,
  pingInterval: Number(values['ping-interval']),
  pingTimeout: Number(values['ping-timeout']),
  cors: { origin: '*' },
});
io.engine.on('connection', (engine) => {
  engine.on('packet', (packet) => {
    if (packet.type === 'pong') engine.pongs = (engine.pongs ?? 0) + 1;
  });
});

function serve(socket) {
  const { auth, query } = socket.handshake;
  const log = [];
  transcripts.set(auth.name, [...(transcripts.get(auth.name) ?? []), log]);
  const note = (what, ...values) => log.push([socket.nsp.name, what, ...values.map(brief)]);
  const drops = [];

  note('connection', auth, query.from ?? null);
  if (!query.quiet) socket.emit('welcome', { to: auth.name, words: 'Grüße, 世界 \u2028 "quoted"' });
  socket.on('disconnect', (reason) => note('disconnect', reason));

  const on = (event, handle) =>
    socket.on(event, (...values) => {
      const answer = typeof values.at(-1) === 'function' ? values.pop() : undefined;
      note(event, ...values, answer ? 'wants an answer' : 'wants none');
      return handle(answer, ...values);
    });
  on('echo', (answer, ...values) => answer(...values));
  on('shout', (answer, ...values) => socket.emit('echoed', ...values));
  on('poke', () => socket.emit('poked', () => {}));
  on('ask', async (answer, event, ...values) => {
    const said = await socket.timeout(20_000).emitWithAck(event, ...values);
    note('answered', said);
    answer(said);
  });
  on('pour', (answer, count) => {
    for (let n = 0; n < count; n++) socket.emit('drop', n, `server ${n}`);
    answer(count);
  });
  socket.on('drop', (n, text) => drops.push([n, text]));
  on('collected', (answer) => {
    note('drops', drops.length, sha256(drops));
    answer({ count: drops.length, sha256: sha256(drops) });
  });
  on('large', (answer, size) => socket.emit('large', 'x'.repeat(size), () => answer('arrived')));
  on('bye', (answer, close) => socket.disconnect(close));
  on('cut', () => socket.conn.close());
  on('pid', (answer) => answer(process.pid));
  on('headers', (answer) => answer(socket.handshake.headers));
  on('pongs', (answer) => answer(socket.conn.pongs ?? 0));
}

io.on('connection', serve);
io.of('/chat').on('connection', serve);
io.of('/closed')
  .use((socket, next) => next(Object.assign(new Error('not authorised'), { data: { code: 7, hint: 'ask an admin' } })))
  .on('connection', serve);

http.listen(Number(positionals[0] ?? 0), '127.0.0.1', () => console.log(`listening on ${http.address().port}`));
