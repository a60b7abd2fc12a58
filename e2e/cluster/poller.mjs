// A client on polling and nothing but polling, light enough to have a thousand of: it reads what it needs of each packet.
import { request } from 'node:http';
import { signal, within } from '../lib/deadline.mjs';

const SEPARATOR = '\x1e';

/** One session; what goes wrong is kept in `faults`. */
export class Poller {
  words = [];
  faults = [];
  #open = true;
  #connected = signal();
  #sent = Promise.resolve();

  constructor(url, name, agent) {
    Object.assign(this, { url: `${url}/ws/socket.io/?EIO=4&transport=polling`, name, agent });
  }

  /** The Engine.IO handshake, and CONNECT with its answer. */
  async open() {
    const { sid } = JSON.parse((await this.#ask('GET')).slice(1));
    this.url += `&sid=${sid}`;
    await this.send(`40${JSON.stringify({ name: this.name })}`);
    this.reading = this.#read();
    await within(30_000, `the session of ${this.name}`, this.#connected);
  }

  /** One POST at a time, as the protocol wants it. */
  send(packet) {
    const sent = this.#sent.catch(() => {}).then(() => this.#ask('POST', packet));
    this.#sent = sent;
    return sent;
  }

  async #read() {
    while (this.#open) {
      const payload = await this.#ask('GET').catch((error) => void this.#failed(error));
      for (const packet of payload?.split(SEPARATOR) ?? []) await this.#take(packet);
    }
  }

  async #take(packet) {
    if (packet === '2') await this.send('3').catch((error) => this.#failed(error));
    if (packet.startsWith('40')) this.#connected.resolve();
    if (packet === '1' || packet === '41') this.#failed(new Error(`closed by ${packet}`));
    const word = packet.match(/^42\["word",(\d+)/);
    if (word) this.words.push(Number(word[1]));
  }

  #failed(error) {
    if (this.#open) this.faults.push(error.message);
    this.#connected.reject(error);
    this.#connected.catch(() => {}); // who waits for it hears of it
    this.#open = false;
  }

  #ask(method, body) {
    return new Promise((resolve, reject) => {
      const sent = request(this.url, { method, agent: this.agent, headers: body ? { 'Content-Type': 'text/plain;charset=UTF-8' } : {} }, (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (part) => (text += part));
        answer.on('error', reject);
        answer.on('end', () => (answer.statusCode === 200 ? resolve(text) : reject(new Error(`${method}: ${answer.statusCode} ${text}`))));
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  /** Says goodbye, as socket.io-client does. */
  async leave() {
    this.#open = false;
    await this.send(`41${SEPARATOR}1`).catch(() => {});
    await this.reading;
  }
}
