// A bare Engine.IO client over WebSocket, for what socket.io-client hides: every packet as it comes, every close code.
import { WebSocket } from 'ws';
import { signal, until, within } from '../lib/deadline.mjs';

export class Engine {
  packets = [];
  closed = signal();

  /** Connects and waits for the open packet. Pings are answered unless `pong` is false. */
  static async open(url, { pong = true, headers = {}, query = '', options = {} } = {}) {
    const engine = new Engine();
    const address = `${url.replace(/^http/, 'ws')}/ws/socket.io/?EIO=4&transport=websocket${query}`;
    const ws = new WebSocket(address, { headers, perMessageDeflate: false, ...options });
    engine.ws = ws;
    const opened = new Promise((resolve, reject) => {
      ws.once('error', reject);
      ws.once('unexpected-response', (_, response) => reject(Object.assign(new Error(`refused: ${response.statusCode}`), { response })));
      ws.on('message', (data, isBinary) => {
        const packet = isBinary ? data : data.toString();
        if (packet === '2' && pong) ws.send('3');
        engine.packets.push(packet);
        if (engine.packets.length === 1) resolve();
      });
      ws.once('close', (code, reason) => {
        engine.closed.resolve({ code, reason: reason.toString() });
        reject(new Error(`closed with ${code} before the open packet`));
      });
    });
    await within(10_000, 'the open packet', opened);
    engine.ws.on('error', () => {});
    engine.announced = JSON.parse(engine.packets[0].slice(1));
    return engine;
  }

  send(packet) {
    this.ws.send(packet);
  }

  /** The first packet that matches, among all that came. */
  says(pattern, ms = 15_000) {
    const find = () => this.packets.find((packet) => typeof packet === 'string' && pattern.test(packet));
    return until(`a packet like ${pattern} (so far: ${String(this.packets).slice(0, 500)})`, find, { ms, every: 10 });
  }

  /** CONNECT to `/`; returns the Socket.IO sid. */
  async connect(auth = {}) {
    this.send(`40${JSON.stringify(auth)}`);
    return JSON.parse((await this.says(/^40/)).slice(2)).sid;
  }

  get pings() {
    return this.packets.filter((packet) => packet === '2').length;
  }

  close() {
    this.ws.terminate();
  }
}

/** A WebSocket request that is refused: its HTTP response. */
export async function refusal(url) {
  try {
    (await Engine.open(url)).close();
  } catch (error) {
    if (error.response) return error.response;
    throw error;
  }
  throw new Error('the upgrade was not refused');
}
