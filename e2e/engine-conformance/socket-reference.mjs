// The Socket.IO server that the protocol's suite is written for. usage: socket-reference.mjs PORT
import { createServer } from 'node:http';
import { Server } from 'socket.io';

const http = createServer((request, response) => response.end('{"status":true}'));
const io = new Server(http, { path: '/ws/socket.io', pingInterval: 300, pingTimeout: 200, maxHttpBufferSize: 1e6 });

function serve(socket) {
  socket.emit('auth', socket.handshake.auth);
  socket.on('message', (...values) => socket.emit('message-back', ...values));
  socket.on('message-with-ack', (...values) => values.pop()(...values));
}
io.on('connection', serve);
io.of('/custom').on('connection', serve);
http.listen(Number(process.argv[2]), '127.0.0.1', () => console.log(`listening on ${http.address().port}`));
