// npm's engine.io as e2e/engine-echo is. usage: engine-reference.mjs PORT
import { createServer } from 'node:http';
import { Server } from 'engine.io';

const http = createServer();
const engine = new Server({ pingInterval: 300, pingTimeout: 200, maxHttpBufferSize: 1e6 });
engine.attach(http, { path: '/engine.io' });
engine.on('connection', (socket) => socket.on('message', (data) => socket.send(data)));
http.listen(Number(process.argv[2]), '127.0.0.1', () => console.log(`listening on ${http.address().port}`));
