// The blocks of docs/proxies.md for several nodes: a node that was away for a moment costs nobody an answer, also when the next
// one goes right after it.
import assert from 'node:assert/strict';
import { createServer, request } from 'node:http';
import { describe, test } from 'node:test';
import { until, within } from '../lib/deadline.mjs';
import { aPort, documented, host, proxies } from './proxies.mjs';

/** A server in the place of a node, that can go and come back. */
async function startNode(name) {
  const port = await aPort();
  const server = createServer((asked, answer) => answer.end(name));
  const node = {
    port,
    come: () => new Promise((resolve) => server.listen(port, '127.0.0.1', resolve)),
    go: () => new Promise((resolve) => server.close(resolve) && server.closeAllConnections()),
  };
  await node.come();
  return node;
}

const ask = (port) =>
  within(20_000, 'an answer', new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, headers: { Host: host }, agent: false }, async (answer) => {
      let body = '';
      for await (const part of answer) body += part;
      resolve(answer.statusCode === 200 ? body : answer.statusCode);
    })
      .on('error', reject)
      .end();
  }));

async function times(count, port) {
  const answers = [];
  for (let n = 0; n < count; n++) answers.push(await ask(port));
  return answers;
}

/** What clients get while one node restarts, and then, as soon as the first is seen again, the other one. */
async function whileNodesRestart(kind, block) {
  const [one, two] = [await startNode('one'), await startNode('two')];
  const port = await aPort();
  const proxy = await proxies[kind].start([block(port, one.port, two.port)], [port]);
  try {
    await until('both are asked', async () => new Set(await times(4, port)).size === 2);
    await two.go();
    const first = await times(6, port);
    await two.come();
    // Those that only ask healthy nodes see it at their next check.
    if (kind === 'haproxy') await until('it is asked again', async () => (await ask(port)) === 'two');
    await one.go();
    return { first, second: await times(6, port) };
  } finally {
    await proxy.stop();
    await Promise.all([one, two].map((node) => node.go().catch(() => {})));
  }
}

const nodes = (one, two) => ({ '10.0.0.1:8000': `127.0.0.1:${one}`, '10.0.0.2:8000': `127.0.0.1:${two}` });
const heading = 'Several nodes';
const blocks = {
  nginx: (port, one, two) => documented(heading, 'nginx', { ...nodes(one, two), 'listen 80;': `listen 127.0.0.1:${port};` }),
  haproxy: (port, one, two) => documented(heading, 'haproxy', { ...nodes(one, two), 'bind :80': `bind 127.0.0.1:${port}` }),
  apache: (port, one, two) => documented(heading, 'apache', { ...nodes(one, two), '*:80': `*:${port}` }),
  caddy: (port, one, two) => documented(heading, 'caddy', { ...nodes(one, two), [`${host} {`]: `http://${host}:${port} {` }),
};

for (const [kind, block] of Object.entries(blocks)) {
  describe(kind, { skip: proxies[kind].absent() }, () => {
    test('nodesThatRestartOneAfterTheOtherCostNoAnswer', async () => {
      const { first, second } = await whileNodesRestart(kind, block);
      assert.deepEqual([first, second], [Array(6).fill('one'), Array(6).fill('two')]);
    });
  });
}

// What the page says of the defaults: these fail without what it adds.
const without = { nginx: / max_fails=0/g, apache: / retry=0/g };
for (const [kind, words] of Object.entries(without)) {
  describe(`${kind} by its defaults`, { skip: proxies[kind].absent() }, () => {
    test('itFindsNoNodeThoughOneIsThere', async (t) => {
      const { second } = await whileNodesRestart(kind, (...ports) => blocks[kind](...ports).replace(words, ''));
      t.diagnostic(`answers: ${second.join(' ')}`);
      assert.ok(second.some((answer) => answer === 502 || answer === 503));
    });
  });
}
