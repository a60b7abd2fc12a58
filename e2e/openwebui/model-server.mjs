// A stand-in for an OpenAI-compatible server whose answers are numbered words, one chunk each.
// What it does is said by the last message: "count N": word1 … wordN at a steady pace, or one in so many milliseconds with
// "every MS"; "endless": until it is stopped; "step N": the next word only when step() is called; "speak N": few words that come again
// and again, as in a text; "repeat N": always the same one.
// GET /gate is answered when step() is called.
import { createServer } from 'node:http';
import { pause, signal } from '../lib/deadline.mjs';

const PACE_MS = 10;

/** `stopped` counts answers that were given up by the other side before their end; `step()` releases the next word. */
export async function startModelServer() {
  const state = { stopped: 0, sent: 0, waiting: false, next: signal() };
  const server = createServer(async (request, response) => {
    const json = (value) => response.setHeader('Content-Type', 'application/json').end(JSON.stringify(value));
    if (request.url === '/gate') return json(await released(state));
    if (request.method === 'GET') return json({ object: 'list', data: [{ id: 'words', object: 'model', owned_by: 'e2e' }] });
    const { messages, stream } = JSON.parse(await body(request));
    const asked = [messages.at(-1).content].flat().map((part) => part.text ?? part).join(' ');
    if (!stream) return json(completion({ message: { role: 'assistant', content: 'one word' } }));
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.on('close', () => (state.stopped += response.writableFinished ? 0 : 1));
    await answer(response, asked, state);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(state, {
    url: `http://127.0.0.1:${server.address().port}/v1`,
    step() {
      const released = state.next;
      state.next = signal();
      released.resolve();
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  });
}

async function answer(response, asked, state) {
  const [, how, number] = asked.match(/\b(count|step|endless|speak|repeat)\b\s*(\d*)/) ?? [];
  const pace = Number(asked.match(/\bevery (\d+)/)?.[1] ?? PACE_MS);
  const words = how === 'endless' ? Infinity : Number(number || 1);
  for (let n = 1; n <= words && !response.destroyed; n++) {
    if (how === 'step') await released(state);
    else await pause(pace);
    state.sent = n;
    chunk(response, { delta: { content: wordOf[how]?.(n) ?? `word${n} ` } });
  }
  chunk(response, { delta: {}, finish_reason: 'stop' });
  response.end('data: [DONE]\n\n');
}

const VOCABULARY = 'the of and a to in is that it for on with as was at by an be this are or from not have which'.split(' ');

const wordOf = {
  speak: () => `${VOCABULARY[Math.floor(VOCABULARY.length * Math.random() ** 2)]} `,
  repeat: () => 'ha ',
};

async function released(state) {
  state.waiting = true;
  await state.next;
  state.waiting = false;
  return true;
}

const completion = (choice) => ({ id: 'c', object: 'chat.completion', model: 'words', created: 1, choices: [{ index: 0, ...choice }] });

function chunk(response, choice) {
  const value = { ...completion(choice), object: 'chat.completion.chunk' };
  response.write(`data: ${JSON.stringify(value)}\n\n`);
}

async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}
