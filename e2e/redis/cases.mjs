// What people write into Open WebUI's variables of Redis.
import { awkward } from './servers.mjs';

/** Where Holdfast means to differ: the reason, by the names of the cases. */
export const intended = new Map();

export function casesOf({ tls, socket, servers, sentinels }) {
  const cases = [];
  const add = (name, env, more = {}) => {
    cases.push({ name, env: { WEBSOCKET_MANAGER: 'redis', ...env }, ...more });
    if (more.differs) intended.set(name, more.differs);
  };
  const url = (text, more) => add(text, { WEBSOCKET_REDIS_URL: text }, more);
  const at = (server) => `127.0.0.1:${server.port}`;

  const plain = at(servers.plain);
  for (const path of ['', '/', '/1', '//', '/abc', '/1/2', '/%31', '/99', '/-1', '/0;x', '/0#fragment', '#fragment', '?', '?&&']) url(`redis://${plain}${path}`);
  const queries = [
    ...['db=2', 'db=', 'db=x', 'db=99', 'db=2&db=x', 'socket_timeout=5', 'socket_timeout=1e1', 'socket_timeout=abc', 'socket_timeout=0'],
    ...['socket_connect_timeout=2', 'socket_connect_timeout=soon', 'socket_keepalive=true', 'socket_keepalive=no', 'socket_type=1', 'socket_read_size=1000'],
    ...['health_check_interval=30', 'health_check_interval=3.5', 'max_connections=10', 'max_connections=-1', 'protocol=2', 'protocol=3', 'protocol=4'],
    ...['decode_responses=true', 'encoding=latin-1', 'encoding_errors=strict', 'client_name=owui', 'client_name=a%20b', 'lib_name=x&lib_version=1'],
    ...['retry_on_timeout=true', 'retry_on_error=x', 'legacy_responses=true', 'retry=3', 'timeout=20', 'unknown=1', 'path=x', 'credential_provider=x'],
    ...['ssl=true', 'ssl=', 'ssl_cert_reqs=none', 'password=any', 'username=default', 'username=nobody&password=x', 'host=nowhere.invalid', 'port=1'],
  ];
  for (const query of queries) url(`redis://${plain}?${query}`);
  url(`redis://${plain}/9?db=2`);
  url(`redis://?host=127.0.0.1&port=${servers.plain.port}`);
  url(`redis://127.0.0.1?port=${servers.plain.port}`);
  for (const user of [':any@', 'default:any@', 'default@', 'nobody:pw@', 'nobody@', ':@', '@']) url(`redis://${user}${plain}`);
  for (const host of ['LOCALHOST', '%6cocalhost', '[127.0.0.1]', '[::1]', 'nowhere.invalid', '127.0.0.1:7', '']) url(`redis://${host}:${servers.plain.port}`);
  for (const port of ['x', '99999', '-1', `0${servers.plain.port}`]) url(`redis://127.0.0.1:${port}`);
  for (const scheme of ['REDIS://', 'Redis://', 'http://', 'redis+sentinel://', '']) url(`${scheme}${plain}`);
  for (const scheme of ['valkey', 'valkeys']) {
    const bare = scheme === 'valkey' ? `${scheme}://${plain}` : `${scheme}://localhost:${servers.secure.port}?ssl_ca_certs=${tls.certificate}`;
    url(bare, { differs: 'Open WebUI 0.12.4 has no client for valkey://, which is redis:// under its own name' });
  }
  url('unix:///nowhere/redis.sock');
  url(`unix://${socket}`, { differs: 'Holdfast uses no unix sockets, and says so' });

  const password = at(servers.password);
  for (const user of ['', ':pw@', ':no@', 'default:pw@', 'pw@', ':p%77@', ':pw%0D@']) url(`redis://${user}${password}`);
  for (const query of ['password=pw', 'username=default&password=pw', 'password=p%2577', 'password=']) url(`redis://${password}?${query}`);
  url(`redis://:no@${password}?password=pw`);
  for (const written of ['p%40w%25%2F%3A%23%3F', 'p@w%25%2F:%23%3F', 'p@w%%2F:%23%3F', awkward]) url(`redis://:${written}@${at(servers.hard)}`);
  for (const user of ['', 'gate:pw@', 'gate:no@', ':pw@', 'gate@']) url(`redis://${user}${at(servers.user)}`);
  url(`redis://${at(servers.user)}?username=gate&password=pw`);
  url(`redis://gate@${at(servers.user)}?password=pw`);

  const ca = `ssl_ca_certs=${tls.certificate}`;
  const queriesOfTls = ['', ca, `ssl_ca_certs=${encodeURIComponent(tls.certificate)}`, 'ssl_cert_reqs=none', 'ssl_cert_reqs=CERT_NONE', `ssl_cert_reqs=optional&${ca}`];
  const more = ['ssl_min_version=771', 'ssl_min_version=x', 'ssl_ciphers=HIGH', 'ssl_include_verify_flags=VERIFY_X509_STRICT', 'ssl_include_verify_flags=NO'];
  queriesOfTls.push(...more.map((each) => `${ca}&${each}`), 'ssl_ca_certs=/nowhere.pem', 'ssl_cert_reqs=none&ssl_check_hostname=true', `${ca}&unknown=1`);
  for (const query of queriesOfTls) url(`rediss://localhost:${servers.secure.port}${query && `?${query}`}`);
  for (const query of [ca, `${ca}&ssl_check_hostname=false`, `${ca}&ssl_check_hostname=off`, 'ssl_cert_reqs=none']) url(`rediss://${at(servers.secure)}?${query}`);
  url(`redis://localhost:${servers.secure.port}`);
  url(`rediss://localhost:${servers.mutual.port}?${ca}`);
  url(`rediss://localhost:${servers.mutual.port}?${ca}&ssl_certfile=${tls.certificate}&ssl_keyfile=${tls.key}`);
  url(`rediss://localhost:${servers.mutual.port}?ssl_cert_reqs=none&ssl_certfile=${tls.certificate}&ssl_keyfile=${tls.key}`);

  const asked = (name, text, more = {}, options = {}) =>
    add(`${name}: ${text}${Object.keys(more).length ? ` ${JSON.stringify(more)}` : ''}`, {
      WEBSOCKET_REDIS_URL: text,
      WEBSOCKET_SENTINEL_HOSTS: '127.0.0.1',
      WEBSOCKET_SENTINEL_PORT: String(sentinels[name].port),
      ...more,
    }, options);
  for (const text of ['redis://mymaster', 'redis://mymaster:6379/1', 'redis://mymaster:0', 'redis://', 'redis:///0', 'REDIS://mymaster', 'redis://MyMaster']) asked('open', text);
  for (const text of ['redis://mymaster/abc', 'redis://mymaster/1/', 'redis://mymaster/99', 'redis://mymaster:x', 'redis://mymaster?db=99', 'redis://mymaster?unknown=1&socket_timeout=x']) asked('open', text);
  for (const user of [':any@', 'default:any@', 'nobody:pw@', 'nobody@']) asked('open', `redis://${user}mymaster`);
  asked('open', 'rediss://mymaster', {}, { differs: 'Open WebUI 0.12.4 drops the TLS of the URL; Holdfast gives no password to a server without it' });
  for (const user of ['', ':pw@', ':no@', ':p%77@', 'default:pw@']) asked('closed', `redis://${user}mymaster`);
  asked('closed', 'redis://mymaster?password=pw');
  for (const user of ['', ':pw@', ':no@', 'default:pw@']) asked('half', `redis://${user}mymaster`);
  for (const text of ['redis://gate:pw@Main', 'redis://gate:pw@main', 'redis://gate:no@Main', 'redis://:pw@Main']) asked('gated', text);
  for (const user of ['gate:pw@', ':pw@']) asked('mixed', `redis://${user}mymaster`);
  asked('open', 'redis://mymaster', { WEBSOCKET_SENTINEL_HOSTS: '127.0.0.9,127.0.0.1' });
  asked('open', 'redis://mymaster', { WEBSOCKET_SENTINEL_HOSTS: ' 127.0.0.1 , ,' });
  asked('open', 'redis://mymaster', { WEBSOCKET_SENTINEL_HOSTS: `127.0.0.1:${sentinels.open.port}` });
  asked('open', 'redis://mymaster', { WEBSOCKET_SENTINEL_PORT: '' });
  asked('open', 'redis://mymaster', { WEBSOCKET_REDIS_CLUSTER: 'true' });
  asked('open', `redis://${plain}`, { WEBSOCKET_SENTINEL_HOSTS: ',' });

  const cluster = at(servers.cluster);
  add('cluster', { WEBSOCKET_REDIS_URL: `redis://${cluster}`, WEBSOCKET_REDIS_CLUSTER: 'True' });
  add('cluster by REDIS_CLUSTER', { REDIS_URL: `redis://${cluster}/0`, REDIS_CLUSTER: 'true' });
  add('cluster with a database', { WEBSOCKET_REDIS_URL: `redis://${cluster}/1`, WEBSOCKET_REDIS_CLUSTER: 'true' });
  add('cluster that is none', { WEBSOCKET_REDIS_URL: `redis://${plain}`, WEBSOCKET_REDIS_CLUSTER: 'true' });
  add('cluster of another word', { WEBSOCKET_REDIS_URL: `redis://${plain}`, WEBSOCKET_REDIS_CLUSTER: 'yes' });

  const asking = { WEBSOCKET_SENTINEL_HOSTS: '127.0.0.1', WEBSOCKET_SENTINEL_PORT: String(sentinels.closed.port) };
  const other = { REDIS_SENTINEL_HOSTS: '127.0.0.1', REDIS_SENTINEL_PORT: String(sentinels.closed.port) };
  add('REDIS_URL alone', { REDIS_URL: `redis://${plain}/3` });
  add('WEBSOCKET_REDIS_URL before REDIS_URL', { REDIS_URL: 'redis://nowhere.invalid', WEBSOCKET_REDIS_URL: `redis://${plain}` });
  add('REDIS_URL and the Sentinels of WebSockets', { REDIS_URL: 'redis://:pw@mymaster', ...asking });
  add('REDIS_URL and its own Sentinels', { REDIS_URL: 'redis://:pw@mymaster', ...other });
  add('the port of the other Sentinels', { REDIS_URL: 'redis://:pw@mymaster', ...asking, WEBSOCKET_SENTINEL_PORT: '', REDIS_SENTINEL_PORT: other.REDIS_SENTINEL_PORT });
  add('WEBSOCKET_REDIS_URL and the other Sentinels', { WEBSOCKET_REDIS_URL: `redis://${plain}`, ...other });
  add('timeouts of Open WebUI', { WEBSOCKET_REDIS_URL: `redis://${plain}`, REDIS_SOCKET_TIMEOUT: 'x', REDIS_SOCKET_CONNECT_TIMEOUT: '5', REDIS_HEALTH_CHECK_INTERVAL: '60' });

  // As a file of variables has it that Open WebUI reads itself, and a container engine or systemd hands to Holdfast as it stands.
  const file = (name, variables) => add(name, variables, { file: true });
  const ends = { quotes: (it) => `"${it}"`, apostrophes: (it) => `'${it}'`, 'line ends of Windows': (it) => `${it}\r`, 'both': (it) => `"${it}"\r`, 'blanks behind': (it) => `${it}  ` };
  for (const [name, end] of Object.entries(ends)) {
    file(`URL with ${name}`, { WEBSOCKET_REDIS_URL: end(`redis://:pw@${password}/1`) });
    const sentinel = { WEBSOCKET_REDIS_URL: 'redis://:pw@mymaster', ...asking };
    file(`Sentinels with ${name}`, Object.fromEntries(Object.entries(sentinel).map(([key, value]) => [key, end(value)])));
  }
  for (const text of [`redis://${plain}\r`, `\nredis://${plain}`, ` redis://${plain}`, `redis://${plain}/0 `]) add(JSON.stringify(text), { WEBSOCKET_REDIS_URL: text });
  return cases;
}
