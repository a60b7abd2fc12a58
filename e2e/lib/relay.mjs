// A TCP relay that breaks connections on demand: a plain byte proxy between a client and the gateway, or between the
// gateway and its upstream.
import { connect, createServer } from 'node:net';
import { signal } from './deadline.mjs';

/** How the two ends of a connection may lose each other. */
export const RST = 'RST';
export const FIN = 'FIN';

/** Starts a relay to a port of this host. `relay.url` is what stands in front. */
export async function startRelay(targetPort) {
  const relay = new Relay(targetPort);
  await new Promise((resolve) => relay.server.listen(0, '127.0.0.1', resolve));
  relay.port = relay.server.address().port;
  relay.url = `http://127.0.0.1:${relay.port}`;
  return relay;
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

  constructor(targetPort) {
    this.targetPort = targetPort;
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
    from.on('data', (bytes) => {
      if (pair.silent) return;
      const limit = this.#limit?.direction === direction ? this.#limit : undefined;
      if (limit && bytes.length >= limit.left) return this.#reach(limit, pair, to, bytes);
      if (limit) limit.left -= bytes.length;
      pair[direction] += bytes.length;
      if (to.write(bytes)) return;
      from.pause();
      to.once('drain', () => from.resume());
    });
    from.on('end', () => (pair.silent ? from.destroy() : to.end()));
    from.on('error', () => pair.silent || to.resetAndDestroy());
    from.on('close', () => {
      this.connections.delete(pair);
      this.stranded.delete(from);
      if (!pair.silent) to.destroySoon();
    });
  }

  /** The last bytes that may pass: they are on their way before anything is cut. */
  #reach(limit, pair, to, bytes) {
    this.#limit = undefined;
    const last = bytes.subarray(0, limit.left);
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
    const reached = signal();
    this.#limit = { direction, left: bytes, how, reached };
    return reached;
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
