// npm's socket.io as upstream.py is, in this process: the second oracle for Engine.IO and the polling form.
import { createServer } from 'node:http';
import { Server } from 'socket.io';

const reserved = new Set(['EIO', 'transport', 'sid', 't', 'b64', 'j', 'case']);

const shown = (value) => {
  if (Buffer.isBuffer(value)) return { hex: value.toString('hex') };
  if (Array.isArray(value)) return value.map(shown);
  if (value !== null && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shown(one)]));
  return value;
};

export async function startOracle() {
  const server = createServer();
  const io = new Server(server, { path: '/ws/socket.io', cors: { origin: '*' }, maxHttpBufferSize: 100_000, allowEIO3: false });
  const records = {};
  for (const namespace of ['/', '/chat', '/fin']) {
    io.of(namespace).on('connection', (socket) => {
      const query = new URL(socket.request.url, 'http://x').searchParams;
      const note = (...what) => (records[query.get('case')] ??= []).push([namespace, ...what.map(shown)]);
      const { auth, headers } = socket.handshake;
      const application = [...query].filter(([name]) => !reserved.has(name)).sort();
      const given = [headers.cookie, headers.authorization, headers['accept-language']].map((one) => one ?? null);
      note('connect', Object.keys(auth).length > 0 ? auth : null, application, given);
      socket.on('disconnect', () => note('disconnect'));
      socket.onAny((name, ...values) => {
        const ack = typeof values.at(-1) === 'function' ? values.pop() : () => {};
        note('event', name, ...values);
        if (name === 'ask') socket.emit('question', ...values, (...said) => note('answer', ...said));
        else if (name === 'bye') socket.disconnect();
        if (name === 'ask' || name === 'bye') ack();
        else ack(...values);
      });
    });
  }
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, records, stop: () => io.close() };
}
