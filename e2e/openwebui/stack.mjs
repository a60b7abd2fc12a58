// The real thing: Redis, Open WebUI's replicas, a stand-in for the model.
import { join } from 'node:path';
import { until } from '../lib/deadline.mjs';
import { cache } from '../lib/paths.mjs';
import { freePort, Program, scratchDirectory } from '../lib/process.mjs';
import { startModelServer } from './model-server.mjs';

export const version = '0.12.4';
const programOf = (which) => join(cache, `open-webui-${which}`, 'bin', 'open-webui');
export const openWebUi = programOf(version);
/** The last of those whose direct connections need socket and request at one process. */
export const older = '0.8.12';
export const olderOpenWebUi = programOf(older);
export const secretKey = 'e2e-secret-key-of-open-webui';

async function startRedis() {
  const port = await freePort();
  const redis = new Program('redis', 'redis-server', ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--dir', scratchDirectory()]);
  await redis.says(/Ready to accept connections/);
  return Object.assign(redis, { url: `redis://127.0.0.1:${port}/1` });
}

const environment = (directory, models, redis, more) => ({
  USE_SLIM_DOCKER: 'true',
  DATA_DIR: directory,
  WEBUI_SECRET_KEY: secretKey,
  OPENAI_API_BASE_URL: models.url,
  OPENAI_API_KEY: 'k',
  ENABLE_OLLAMA_API: 'false',
  OFFLINE_MODE: 'true',
  HF_HUB_OFFLINE: '1',
  ENABLE_VERSION_UPDATE_CHECK: 'false',
  RAG_EMBEDDING_ENGINE: 'openai',
  ENABLE_TITLE_GENERATION: 'false',
  ENABLE_FOLLOW_UP_GENERATION: 'false',
  ENABLE_TAGS_GENERATION: 'false',
  ENABLE_AUTOCOMPLETE_GENERATION: 'false',
  CORS_ALLOW_ORIGIN: '*',
  ENABLE_WEBSOCKET_SUPPORT: 'true',
  WEBSOCKET_MANAGER: 'redis',
  WEBSOCKET_REDIS_URL: redis.url,
  REDIS_URL: redis.url,
  ANONYMIZED_TELEMETRY: 'false',
  WEBSOCKET_SERVER_LOGGING: 'true', // says which replica has a socket
  ...more,
});

async function startOpenWebUi(name, env, { at, which = version } = {}) {
  const port = at ?? (await freePort());
  const program = new Program(name, programOf(which), ['serve', '--host', '127.0.0.1', '--port', String(port)], { env });
  const url = `http://127.0.0.1:${port}`;
  const answers = () => fetch(`${url}/health`).then((answer) => answer.ok, () => false);
  await until(`${name} answers`, () => {
    if (program.exit) throw new Error(`${name} ended: ${program.output.slice(-2000)}`);
    return answers();
  }, { ms: 300_000, every: 500 });
  return Object.assign(program, { url, port });
}

/** Two replicas with one database and one Redis; `which` version, and what else they are told. */
export async function startStack({ which = version, env: more = {} } = {}) {
  const models = await startModelServer();
  const redis = await startRedis();
  const env = environment(scratchDirectory(), models, redis, more);
  const first = await startOpenWebUi('open-webui-1', env, { which }); // alone: it makes the database
  const second = await startOpenWebUi('open-webui-2', env, { which });
  return {
    models,
    redis,
    replicas: [first, second],
    /** One more Open WebUI that allows no WebSocket, with a database of its own. */
    startWithoutWebSocket: () =>
      startOpenWebUi('open-webui-polling', environment(scratchDirectory(), models, redis, { ENABLE_WEBSOCKET_SUPPORT: 'false' })),
    async stop() {
      await Promise.all([first.stop(), second.stop()]);
      await redis.stop();
      models.stop();
    },
  };
}

/** One Open WebUI, of `which` version, that may be killed and started again on its port; every user may use every model. */
export async function startBackend({ which = version, env: more = {} } = {}) {
  const models = await startModelServer();
  const redis = await startRedis();
  const env = environment(scratchDirectory(), models, redis, { BYPASS_MODEL_ACCESS_CONTROL: 'true', ...more });
  let running = await startOpenWebUi('open-webui', env, { which });
  return {
    models,
    port: running.port,
    url: running.url,
    async restart(signal) {
      await running.stop(signal);
      running = await startOpenWebUi('open-webui', env, { at: running.port, which });
    },
    async stop() {
      await running.stop('SIGKILL');
      await redis.stop();
      models.stop();
    },
  };
}
