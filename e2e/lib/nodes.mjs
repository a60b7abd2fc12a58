// Several nodes with one Redis, behind a load balancer that sends each request to the next of them: no cookie, no hash.
import { Agent, createServer, request } from 'node:http';
import { connect } from 'node:net';
import { startNode } from './gateway.mjs';
import { until } from './deadline.mjs';
import { missing } from './paths.mjs';
import { freePort, Program, scratchDirectory } from './process.mjs';
import { total } from './metrics.mjs';

/** The reason why there can't be several nodes, or false. */
export const noNodes = () => missing('redis-server');

/** Starts so many nodes, with the options of one. What stands in front of them looks like one gateway. */
export async function startNodes(count, upstreams, { set = {}, name = 'holdfast', ...options } = {}) {
  const redisPort = await freePort();
  const redis = new Program('redis', 'redis-server', ['--port', String(redisPort), '--bind', '127.0.0.1', '--save', '', '--dir', scratchDirectory()]);
  await redis.says(/Ready to accept connections/);
  const together = { 'redis.url': `redis://127.0.0.1:${redisPort}/0`, 'node.beat': '1s' };
  const start = async (_, n) => {
    const port = await freePort();
    const itself = { 'node.id': `node-${n}`, 'node.advertise': `127.0.0.1:${port}` };
    return startNode(upstreams, { ...options, port, name: `${name}-${n}`, set: { ...set, ...together, ...itself } });
  };
  const nodes = await Promise.all(Array.from({ length: count }, start));
  const balancer = await startRoundRobin(nodes.map(({ port }) => port));
  const metrics = async () => (await Promise.all(nodes.map((node) => (node.exit ? '' : node.metrics())))).join('\n');
  await until('the nodes know each other', async () => total(await metrics(), 'holdfast_nodes') === count * count, { ms: 20_000 });
  return {
    name,
    nodes,
    url: balancer.url,
    port: balancer.port,
    balancer,
    metrics,
    isReady: async () => (await Promise.all(nodes.map((node) => node.isReady()))).every(Boolean),
    get output() {
      return nodes.map(({ output }) => output).join('');
    },
    async stop() {
      const exits = await Promise.all(nodes.map((node) => node.stop()));
      balancer.close();
      await redis.stop();
      return exits[0];
    },
  };
}

/** A load balancer that knows no session. `remove(port)`: what it does when a node fails its checks. */
async function startRoundRobin(ports) {
  const agent = new Agent({ keepAlive: true, maxSockets: 2_000 });
  let alive = [...ports];
  let turns = 0;
  const next = () => alive[turns++ % alive.length];
  const server = createServer((asked, answer) => {
    const { method, url: path, rawHeaders: headers } = asked;
    const sent = request({ host: '127.0.0.1', port: next(), method, path, headers, agent, setHost: false }, (given) => {
      answer.writeHead(given.statusCode, given.rawHeaders);
      given.on('error', () => answer.destroy());
      given.pipe(answer);
    });
    sent.on('error', () => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end()));
    answer.on('close', () => answer.writableFinished || sent.destroy());
    asked.pipe(sent);
  });
  server.on('upgrade', ({ method, url, rawHeaders }, client, head) => {
    const node = connect({ port: next(), host: '127.0.0.1', noDelay: true }, () => {
      let lines = `${method} ${url} HTTP/1.1\r\n`;
      for (let at = 0; at < rawHeaders.length; at += 2) lines += `${rawHeaders[at]}: ${rawHeaders[at + 1]}\r\n`;
      node.write(`${lines}\r\n`);
      node.write(head);
      client.setNoDelay(true);
      client.pipe(node).pipe(client);
    });
    client.on('error', () => node.resetAndDestroy());
    node.on('error', () => client.destroy());
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    remove: (gone) => (alive = alive.filter((one) => one !== gone)),
    close: () => {
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  };
}
