// C1 as socket.io-client's own tests look at it: each packet that a client makes, in its order. A ping of ours that comes sooner than
// a server's makes a pong where none is expected. Those claims, written anew; without the gateway they have to hold, too.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { io, Manager } from 'socket.io-client-newest';
import { pause, within } from '../lib/deadline.mjs';
import { noGateway, startGateway } from '../lib/gateway.mjs';
import { ask, once } from './scenarios.mjs';
import { startUpstream } from './upstreams.mjs';

const transports = { websocket: ['websocket'], polling: ['polling'], upgrade: ['polling', 'websocket'] };
/** Nobody waits so long here: what is tried again or fails after it was not answered at all. */
const LONG_MS = 5_000;

/** From now on each packet that the client makes: the text of a message, else its type. */
function packetsOf({ engine }) {
  const packets = [];
  engine.on('packetCreate', ({ type, data }) => packets.push(type === 'message' ? data : type));
  return packets;
}

/** An answer with its error in front, as a client that tries again has it. */
const tried = (socket, ...event) => within(15_000, `the end of ${event}`, new Promise((resolve) => socket.emit(...event, (...values) => resolve(values))));

/** Each claim gets options for a client of its own. */
const claims = {
  async packetsThatAreTriedAgainKeepTheirOrder(url, options) {
    const socket = io(url, { ...options, retries: 1, ackTimeout: LONG_MS });
    const packets = packetsOf(socket.io);
    const left = [];
    const answers = [1, 2, 3].map((n) => tried(socket, 'echo', n).then((values) => left.push(socket._queue.length) && values));
    assert.deepEqual(await Promise.all(answers), [[null, 1], [null, 2], [null, 3]]);
    socket.disconnect();
    assert.deepEqual(left, [2, 1, 0], 'one after the other');
    assert.deepEqual(packets, ['0', '20["echo",1]', '21["echo",2]', '22["echo",3]', '1']);
  },

  async packetThatIsNeverAnsweredIsTriedSoOftenAndFails(url, options) {
    const socket = io(url, { ...options, retries: 3, ackTimeout: 100 });
    const packets = packetsOf(socket.io);
    let pokes = 0;
    socket.on('poked', () => pokes++);
    const [error] = await tried(socket, 'poke');
    socket.disconnect();
    assert.ok(error instanceof Error);
    assert.equal(pokes, 4);
    assert.deepEqual(packets, ['0', '20["poke"]', '21["poke"]', '22["poke"]', '23["poke"]', '1']);
  },

  async queueIsNotDrainedWhileThereIsNoConnection(url, options) {
    const socket = io(url, { ...options, autoConnect: false, retries: 1, ackTimeout: LONG_MS });
    const answer = tried(socket, 'echo', 1);
    await pause(100);
    assert.equal(socket._queue[0].tryCount, 0);
    socket.connect();
    const packets = packetsOf(socket.io);
    assert.deepEqual(await answer, [null, 1]);
    socket.disconnect();
    assert.deepEqual(packets, ['0', '20["echo",1]', '1']);
  },

  async eventsBeforeAndInTheConnectAreSentInTheirOrder(url, options) {
    const socket = io(url, { ...options, autoConnect: false });
    const first = ask(socket, 'echo', 'first');
    const second = new Promise((resolve, reject) => socket.on('connect', () => ask(socket, 'echo', 'second').then(resolve, reject)));
    socket.connect();
    const packets = packetsOf(socket.io);
    assert.deepEqual(await Promise.all([first, second]), [['first'], ['second']]);
    socket.disconnect();
    assert.deepEqual(packets, ['0', '20["echo","first"]', '21["echo","second"]', '1']);
  },

  async cachedSocketThatIsActiveIsNotOpenedAgain(url, options) {
    const manager = new Manager(url, options);
    const packets = packetsOf(manager);
    await once(manager, 'open');
    const socket = manager.socket('/');
    assert.equal(manager.socket('/'), socket);
    await parting(manager, socket, [socket]);
    assert.deepEqual(packets, ['0', '1']);
  },

  async socketsOfTwoNamespacesAreOpenedOnce(url, options) {
    const manager = new Manager(url, options);
    const packets = packetsOf(manager);
    await once(manager, 'open');
    const [socket, chat] = [manager.socket('/'), manager.socket('/chat')];
    await parting(manager, socket, [socket, chat]);
    // Whether the second one is connected yet when the first one is told is a matter of reads.
    assert.deepEqual(packets.filter((packet) => packet !== '1/chat,'), ['0', '0/chat,', '1']);
  },
};

/** In the very turn in which the first one hears of its connect all are disconnected, which closes the engine. */
async function parting(manager, first, all) {
  const closed = once(manager, 'close');
  first.on('connect', () => all.forEach((socket) => socket.disconnect()));
  await closed;
}

for (const where of ['without the gateway', 'behind the gateway']) {
  const behind = where.startsWith('behind');
  describe(`packets that a client makes, ${where}`, { skip: behind && noGateway() }, () => {
    let upstream;
    let gateway;
    before(async () => {
      upstream = await startUpstream('node');
      if (behind) gateway = await startGateway([upstream.url]);
    });
    after(async () => {
      await gateway?.stop();
      await upstream?.stop();
    });

    for (const [claim, holds] of Object.entries(claims)) {
      test(claim, { concurrency: true }, async (t) => {
        const each = Object.entries(transports).map(([by, through]) => {
          const options = { path: '/ws/socket.io', transports: through, forceNew: true, reconnection: false, query: { quiet: 1 } };
          return t.test(by, () => holds((gateway ?? upstream).url, options));
        });
        await Promise.all(each);
      });
    }
  });
}
