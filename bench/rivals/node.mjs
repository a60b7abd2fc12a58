// Socket.IO on Node with connection state recovery, its adapter in memory, emitting on command: see bench/internal/openwebui/rooms.go.
// usage: node.mjs PORT DIRECTORY    (the packages are those of DIRECTORY/node_modules)
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const { Server } = createRequire(`${process.argv[3]}/`)('socket.io');
const letters = 'abcdefghijklmnopqrstuvwxyz';
const filler = letters.repeat(700);
const newest = new Map();

const http = createServer((request, response) => response.setHeader('Content-Type', 'application/json').end('{"status":true}'));
const io = new Server(http, {
  path: '/ws/socket.io',
  maxHttpBufferSize: 16 * 1024 * 1024,
  cors: { origin: '*' },
  connectionStateRecovery: { maxDisconnectionDuration: 120_000, skipMiddlewares: true },
});

let said = '';
const say = (...words) => {
  if (said === '') setTimeout(() => { process.stdout.write(said); said = ''; }, 20);
  said += `${words.join(' ')}\n`;
};

io.on('connection', (socket) => {
  const { client } = socket.handshake.auth;
  if (client === undefined) return;
  newest.set(client, socket);
  socket.join(`client-${client}`);
  say('joined', client, Math.round((performance.timeOrigin + performance.now()) * 1000));
  socket.on('disconnect', () => say('left', client));
  socket.on('note', (k) => say('note', client, k));
});

createInterface({ input: process.stdin }).on('line', (line) => {
  const [client, n, kind, size] = line.split(' ').map((word) => (/^\d+$/.test(word) ? Number(word) : word));
  const at = n % letters.length;
  const value = { n, p: filler.slice(at, at + size) };
  const room = io.to(`client-${client}`);
  if (kind === 'c') newest.get(client)?.emit('e', value, (answer) => say('answer', client, n, answer));
  else if (kind === 'd') room.emit('e', value, n);
  else if (kind === 's') room.emit('e', value, 'the end');
  else room.emit('e', value);
}).on('close', () => process.exit());

http.listen({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 4096 }, () => say(http.address().port));
