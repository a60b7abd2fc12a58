// A Socket.IO server (Node) that streams numbered words to a user's room, as Open WebUI does, and keeps a journal.
// usage: upstream-node.mjs PORT
// GET /journal?name=N: what the sockets of that `auth.name` did and got; /call?name=N&value=V: asks its newest socket;
// /say?name=N&value=V: an event to its room; /stream?name=N&value=JSON: words to its room, as the client asks for them, until /hush?name=N,
// which tells the last one; /bye?name=N: disconnects its newest socket.
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { word } from './words.mjs';

const HEARTBEAT_S = 5;
const journals = new Map();
const newest = new Map();
const sent = new Map();
const hushed = new Set();

const journal = (name) => journals.get(name) ?? journals.set(name, []).get(name);

async function question(name, value) {
  journal(name).push(['asked', value]);
  const said = await newest.get(name).timeout(60_000).emitWithAck('question', value);
  journal(name).push(['answered', value, said]);
}

async function stream(name, { from = 1, count, every, binary, size }) {
  hushed.delete(name);
  for (let n = from; n <= count; n++) {
    if (every) await new Promise((resolve) => setTimeout(resolve, every));
    if (hushed.has(name)) return;
    sent.set(name, n);
    io.to(`user:${name}`).emit('word', ...word(n, binary, size));
    if (n === count) journal(name).push(['streamed', count]);
  }
}

const http = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://x');
  const [name, value] = [searchParams.get('name'), searchParams.get('value')];
  const actions = {
    '/health': () => ({ status: true }),
    '/api/config': () => ({ features: { enable_websocket: true, websocket_heartbeat_interval: HEARTBEAT_S } }),
    '/journal': () => journal(name),
    '/call': () => void question(name, value).catch((error) => journal(name).push(['unanswered', value, String(error)])),
    '/say': () => io.to(`user:${name}`).emit('said', value),
    '/stream': () => void stream(name, JSON.parse(value)),
    '/hush': () => hushed.add(name) && (sent.get(name) ?? 0),
    '/bye': () => void newest.get(name).disconnect(),
  };
  if (!actions[pathname]) return response.writeHead(404).end();
  const answer = actions[pathname]();
  response.setHeader('Content-Type', 'application/json').end(JSON.stringify(pathname === '/journal' ? answer : (answer ?? true)));
});

const io = new Server(http, { path: '/ws/socket.io', maxHttpBufferSize: 16 * 1024 * 1024, cors: { origin: '*' } });

io.on('connection', (socket) => {
  const { name, ...auth } = socket.handshake.auth;
  const note = (...entry) => journal(name).push(entry);
  newest.set(name, socket);
  socket.join(`user:${name}`);
  note('connect', socket.id, auth, sent.get(name) ?? 0);
  socket.on('disconnect', (reason) => note('disconnect', reason));
  socket.conn.on('packet', ({ type, data }) => type === 'message' && /^[36]/.test(data) && note('ack', data));
  for (const event of ['note', 'heartbeat']) socket.on(event, (...values) => note(event, ...values));
  socket.on('echo', (...values) => values.pop()(...values));
  socket.on('stream', (what) => stream(name, what));
});

http.listen(Number(process.argv[2]), '127.0.0.1', () => console.log(`listening on ${process.argv[2]}`));
