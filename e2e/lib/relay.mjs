// A TCP relay that breaks connections on demand: a plain byte proxy between a client and the gateway, or between the
// gateway and its upstream.
import { connect, createServer } from 'node:net';
import { signal } from './deadline.mjs';

/** How the two ends of a connection may lose each other. */
export const RST = 'RST';
export const FIN = 'FIN';

/** Bytes of one direction of a connection that may be under way. */
const UNDER_WAY = 1 << 20;

/**
 * Starts a relay to a port of this host. `relay.url` is what stands in front. `delay`: how many milliseconds either direction takes,
 * as of a network that is no loopback.
 */
export async function startRelay(targetPort, { delay = 0 } = {}) {
  const relay = new Relay(targetPort, delay);
  await new Promise((resolve) => relay.server.listen(0, '127.0.0.1', resolve));
  relay.port = relay.server.address().port;
  relay.url = `http://127.0.0.1:${relay.port}`;
  return relay;
}

/** One direction of a connection: what comes in leaves after the delay, in its order. What has to wait holds its source back. */
class Way {
  #queue = [];
  #size = 0;
  #held = false;
  #timer;

  constructor(source, delay) {
    this.source = source;
    this.delay = delay;
  }

  /** `leave` is called when it is out. */
  enter(size, leave) {
    const now = performance.now();
    const due = this.delay ? Math.ceil(now + this.delay) : now; // what comes at once leaves at once
    this.#queue.push({ due, size, leave });
    this.#size += size;
    this.#move();
  }

  /** Nothing leaves until the sink is free again. */
  hold(sink) {
    this.#held = true;
    sink.once('drain', () => {
      this.#held = false;
      this.#move();
    });
  }

  #move() {
    clearTimeout(this.#timer);
    while (!this.#held && this.#queue.length > 0) {
      const left = this.#queue[0].due - performance.now();
      if (left > 0) {
        this.#timer = setTimeout(() => this.#move(), left);
        break;
      }
      const { size, leave } = this.#queue.shift();
      this.#size -= size;
      leave();
    }
    if (this.#held || this.#size > UNDER_WAY) this.source.pause();
    else if (this.source.isPaused()) this.source.resume();
  }
}

class Relay {
  /** The connections that are open, oldest first. */
  connections = new Set();
  accepted = 0;
  refused = 0;
  #online = true;
  #limit;
  /** The far ends of half-open connections that are not closed yet. */
  stranded = new Set();

  constructor(targetPort, delay) {
    this.targetPort = targetPort;
    this.delay = delay;
    this.server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  }

  #accept(client) {
    if (!this.#online) {
      this.refused++;
      client.on('error', () => {});
      client.resetAndDestroy();
      return;
    }
    this.accepted++;
    const target = connect({ port: this.targetPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    client.setNoDelay(true);
    const pair = { client, target, silent: false, up: 0, down: 0 };
    this.connections.add(pair);
    this.#pass(pair, client, target, 'up');
    this.#pass(pair, target, client, 'down');
  }

  #pass(pair, from, to, direction) {
    const way = new Way(from, this.delay);
    from.on('data', (bytes) => way.enter(bytes.length, () => this.#arrive(pair, to, direction, bytes, way)));
    from.on('end', () => way.enter(0, () => (pair.silent ? from.destroy() : to.end())));
    from.on('error', () => way.enter(0, () => pair.silent || to.resetAndDestroy()));
    from.on('close', () => {
      this.stranded.delete(from);
      way.enter(0, () => {
        this.connections.delete(pair);
        if (!pair.silent) to.destroySoon();
      });
    });
  }

  #arrive(pair, to, direction, bytes, way) {
    if (pair.silent) return;
    const limit = this.#limit?.direction === direction ? this.#limit : undefined;
    if (limit?.isLast(bytes)) return this.#reach(limit, pair, to, bytes);
    pair[direction] += bytes.length;
    if (!to.write(bytes)) way.hold(to);
  }

  /** The last bytes that may pass: they are on their way before anything is cut. */
  #reach(limit, pair, to, bytes) {
    this.#limit = undefined;
    const last = bytes.subarray(0, limit.left ?? bytes.length);
    pair.silent = true; // what follows them is dropped
    to.write(last, () => {
      pair.silent = false;
      pair[limit.direction] += last.length;
      this.#part(pair, limit.how);
      limit.reached.resolve();
    });
  }

  #part(pair, how) {
    pair.silent = true; // nothing is passed on any more
    this.connections.delete(pair);
    for (const end of [pair.client, pair.target]) {
      if (how === RST) end.resetAndDestroy();
      else end.destroySoon();
    }
  }

  /** Ends every open connection; new ones are taken. */
  cut(how = RST) {
    for (const pair of [...this.connections]) this.#part(pair, how);
  }

  /** Lets this many more bytes pass in a direction, whatever connection they are of, then cuts that one; resolves then. */
  cutAfter(direction, bytes, how = RST) {
    const isLast = (more) => {
      if (more.length >= limit.left) return true;
      limit.left -= more.length;
      return false;
    };
    const limit = { direction, left: bytes, isLast, how, reached: signal() };
    this.#limit = limit;
    return limit.reached;
  }

  /** Cuts a connection right behind the first bytes in a direction of which `isLast` says so; resolves then. */
  cutBehind(direction, isLast, how = RST) {
    this.#limit = { direction, isLast, how, reached: signal() };
    return this.#limit.reached;
  }

  /** Open connections become black holes that nobody closes; new ones are taken. */
  silence() {
    for (const pair of this.connections) pair.silent = true;
  }

  /** The client's end is reset, and the other end hears nothing: it has a half-open connection. */
  strand() {
    for (const pair of [...this.connections]) {
      pair.silent = true;
      this.connections.delete(pair);
      this.stranded.add(pair.target);
      pair.client.resetAndDestroy();
    }
  }

  /** Ends what is open and refuses what is new. */
  offline(how = RST) {
    this.#online = false;
    this.cut(how);
  }

  /** Takes connections again. */
  restore() {
    this.#online = true;
  }

  close() {
    this.offline();
    for (const end of this.stranded) end.destroy();
    this.server.close();
  }
}
