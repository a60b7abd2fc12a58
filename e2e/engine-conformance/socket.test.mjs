// Socket.IO 5, case by case as in the protocol's own suite (github.com/socketio/socket.io-protocol, MIT), written anew for
// node:test: a client of plain frames, the gateway, npm's socket.io behind it.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { missing, jar } from '../lib/paths.mjs';
import { Endpoint } from './peer.mjs';
import { isReference, startSocketServer } from './targets.mjs';

let server, endpoint;
const skip = isReference ? false : missing('java', jar);
before(async () => {
  if (skip) return;
  server = await startSocketServer();
  endpoint = new Endpoint(server.url);
}, { timeout: 60_000 });
after(() => server?.stop());

/** An open Engine.IO session that has not yet connected to a namespace. */
const session = () => endpoint.websocketSession();

/** Connected to the main namespace, the server's `auth` event read. */
async function connected() {
  const socket = await session();
  socket.send('40');
  await socket.nextButPing();
  await socket.nextButPing();
  return socket;
}

function checkConnect(packet, prefix) {
  assert.ok(packet.startsWith(prefix), packet);
  const handshake = JSON.parse(packet.slice(prefix.length));
  assert.deepEqual(Object.keys(handshake), ['sid']);
  assert.equal(typeof handshake.sid, 'string');
}

async function expect(socket, ...packets) {
  for (const packet of packets) assert.deepEqual(await socket.nextButPing(), packet);
}

describe('connect', { skip }, () => {
  for (const [name, packet, prefix, auth] of [
    ['the main namespace', '40', '40', '42["auth",{}]'],
    ['the main namespace with a payload', '40{"token":"123"}', '40', '42["auth",{"token":"123"}]'],
    ['a custom namespace', '40/custom,', '40/custom,', '42/custom,["auth",{}]'],
    ['a custom namespace with a payload', '40/custom,{"token":"abc"}', '40/custom,', '42/custom,["auth",{"token":"abc"}]'],
  ]) {
    it(`allows ${name}`, async () => {
      const socket = await session();
      socket.send(packet);
      checkConnect(await socket.nextButPing(), prefix);
      await expect(socket, auth);
      socket.end();
    });
  }

  it('refuses an unknown namespace', async () => {
    const socket = await session();
    socket.send('40/random');
    await expect(socket, '44/random,{"message":"Invalid namespace"}');
    socket.end();
  });

  it('closes upon an invalid handshake', async () => {
    const socket = await session();
    socket.send('4abc');
    await socket.close();
  });

  it('closes upon an event before the handshake', async () => {
    const socket = await session();
    socket.send('42["message"]');
    await socket.close();
  });
});

describe('disconnect', { skip }, () => {
  it('leaves the connection open without any namespace', async () => {
    const socket = await connected();
    socket.send('41');
    assert.equal(await socket.next(), '2');
    socket.end();
  });

  it('leaves a custom namespace alone', async () => {
    const socket = await connected();
    socket.send('40/custom');
    checkConnect(await socket.nextButPing(), '40/custom,');
    await expect(socket, '42/custom,["auth",{}]');
    socket.send('41/custom', '42["message","message to main namespace"]');
    await expect(socket, '42["message-back","message to main namespace"]');
    socket.end();
  });
});

describe('message', { skip }, () => {
  const placeholders = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}';
  const first = Uint8Array.from([1, 2, 3]);
  const second = Uint8Array.from([4, 5, 6]);

  it('sends text', async () => {
    const socket = await connected();
    socket.send('42["message",1,"2",{"3":[true]}]');
    await expect(socket, '42["message-back",1,"2",{"3":[true]}]');
    socket.end();
  });

  it('sends attachments', async () => {
    const socket = await connected();
    socket.send(`452-["message",${placeholders}]`, first, second);
    await expect(socket, `452-["message-back",${placeholders}]`, first, second);
    socket.end();
  });

  it('sends text with an acknowledgement', async () => {
    const socket = await connected();
    socket.send('42456["message-with-ack",1,"2",{"3":[false]}]');
    await expect(socket, '43456[1,"2",{"3":[false]}]');
    socket.end();
  });

  it('sends attachments with an acknowledgement', async () => {
    const socket = await connected();
    socket.send(`452-789["message-with-ack",${placeholders}]`, first, second);
    await expect(socket, `462-789[${placeholders}]`, first, second);
    socket.end();
  });

  for (const [name, packet] of [
    ['packet type', '4abc'],
    ['payload', '42{}'],
    ['acknowledgement id', '42abc["message-with-ack",1,"2",{"3":[false]}]'],
  ]) {
    it(`closes upon an invalid ${name}`, async () => {
      const socket = await connected();
      socket.send(packet);
      await socket.close();
    });
  }
});
