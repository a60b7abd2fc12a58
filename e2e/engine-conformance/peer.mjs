// A client of either transport that does only what a test says, byte by byte.
import WebSocket from 'ws';
import { signal, within } from '../lib/deadline.mjs';

/** A WebSocket that keeps every message until it is asked for. */
export class Peer {
  #messages = [];
  #waiting = [];
  opened = signal();
  closed = signal();

  constructor(url, options = {}) {
    this.ws = new WebSocket(url, options);
    this.ws.on('open', () => this.opened.resolve());
    this.ws.on('message', (data, binary) => {
      const message = binary ? new Uint8Array(data) : data.toString();
      const first = this.#waiting.shift();
      if (first) first(message);
      else this.#messages.push(message);
    });
    this.ws.on('error', () => {});
    this.ws.on('unexpected-response', (request, response) => {
      request.destroy();
      this.closed.resolve({ code: 1006, status: response.statusCode });
    });
    this.ws.on('close', (code) => this.closed.resolve({ code }));
  }

  open(ms = 5000) {
    return within(ms, 'the WebSocket opens', this.opened);
  }

  send(...messages) {
    for (const message of messages) this.ws.send(message);
  }

  /** The next message, whatever it is. */
  next(ms = 5000) {
    if (this.#messages.length > 0) return Promise.resolve(this.#messages.shift());
    return within(ms, 'a message', new Promise((resolve) => this.#waiting.push(resolve)));
  }

  /** The next message that is no ping. */
  async nextButPing(ms = 5000) {
    for (;;) {
      const message = await this.next(ms);
      if (message !== '2') return message;
    }
  }

  /** How it was closed: `{ code }`, and the HTTP `status` if it never opened. */
  close(ms = 5000) {
    return within(ms, 'the WebSocket closes', this.closed);
  }

  /** Ends it from this side. */
  end() {
    this.ws.terminate();
  }
}

/** The polling requests and WebSockets of one endpoint. */
export class Endpoint {
  constructor(url) {
    this.url = url;
  }

  query(parameters) {
    return `${this.url}?${new URLSearchParams(parameters)}`;
  }

  /** Any request; `EIO` and `transport` may be left out or be wrong. */
  request(parameters, options) {
    return fetch(this.query(parameters), options);
  }

  websocket(parameters = { EIO: '4', transport: 'websocket' }) {
    return new Peer(this.query(parameters).replace('http', 'ws'));
  }

  /** A WebSocket session, its open packet read. */
  async websocketSession() {
    const peer = this.websocket();
    peer.handshake = JSON.parse((await peer.next()).slice(1));
    return peer;
  }

  /** A polling session: `sid`, `get`, `post`, `upgrade`. */
  async pollingSession() {
    const response = await this.request({ EIO: '4', transport: 'polling' });
    const handshake = JSON.parse((await response.text()).slice(1));
    const parameters = { EIO: '4', transport: 'polling', sid: handshake.sid };
    const get = (extra = {}) => this.request({ ...parameters, ...extra });
    const post = (body, options = {}) => this.request(parameters, { method: 'POST', body, ...options });
    /** The next packets that are neither ping nor noop; pings are answered. */
    const next = async () => {
      for (;;) {
        const response = await get();
        const packets = (await response.text()).split('\x1e');
        if (!response.ok) throw new Error(`a poll was answered with ${response.status} ${packets}`);
        if (packets.includes('2')) await post('3');
        const rest = packets.filter((packet) => packet !== '2' && packet !== '6');
        if (rest.length > 0) return rest.join('\x1e');
      }
    };
    return {
      ...handshake,
      get,
      post,
      next,
      upgrade: () => this.websocket({ EIO: '4', transport: 'websocket', sid: handshake.sid }),
    };
  }
}
