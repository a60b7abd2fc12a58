// Several nodes with one Redis, behind a load balancer that knows no session.
import { balancers, noBalancer } from './balancers.mjs';
import { startNode } from './gateway.mjs';
import { until } from './deadline.mjs';
import { missing } from './paths.mjs';
import { freePort, Program, scratchDirectory } from './process.mjs';
import { total } from './metrics.mjs';

/** HOLDFAST_E2E_BALANCER: what stands in front of them where a test does not choose, `own`, `nginx` or `haproxy`. */
const usual = process.env.HOLDFAST_E2E_BALANCER ?? 'own';

/** The reason why there can't be several nodes behind that balancer, or false. */
export const noNodes = (balancer = usual) => missing('redis-server') || noBalancer(balancer);

/**
 * Starts so many nodes, with the options of one. What stands in front of them looks like one gateway. `redisOf`: by which port each
 * of them reaches Redis, which is at `port`.
 */
export async function startNodes(count, upstreams, { set = {}, name = 'holdfast', balancer: kind = usual, redisOf = (n, port) => port, ...options } = {}) {
  const redisPort = await freePort();
  const redis = new Program('redis', 'redis-server', ['--port', String(redisPort), '--bind', '127.0.0.1', '--save', '', '--dir', scratchDirectory()]);
  await redis.says(/Ready to accept connections/);
  const start = async (n, at) => {
    const port = at ?? (await freePort());
    const together = { 'redis.url': `redis://127.0.0.1:${await redisOf(n, redisPort)}/0`, 'node.beat': '1s' };
    const itself = { 'node.id': `node-${n}`, 'node.advertise': `127.0.0.1:${port}` };
    return startNode(upstreams, { ...options, port, name: `${name}-${n}`, set: { ...set, ...together, ...itself } });
  };
  const nodes = await Promise.all(Array.from({ length: count }, (_, n) => start(n)));
  const balancer = await balancers[kind](nodes.map(({ port }) => port));
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
    /** What a rolling upgrade does with one of them; the balancer sees by its checks that it comes and goes. */
    async restart(n) {
      const { port } = nodes[n];
      balancer.remove(port);
      const exit = await nodes[n].stop();
      nodes[n] = await start(n, port);
      balancer.add(port);
      return exit;
    },
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
