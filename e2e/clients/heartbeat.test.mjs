// C9: the client is pinged on schedule whatever the upstream does, and the upstream is answered whatever the client does.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { until } from '../lib/deadline.mjs';
import { noHoldfast, startHoldfast } from '../lib/gateway.mjs';
import { Engine } from './engine.mjs';
import { startUpstream } from './upstreams.mjs';

describe('heartbeat', { skip: noHoldfast() }, () => {
  const started = [];
  after(async () => {
    for (const program of started.reverse()) await program.stop();
  });
  const keep = (program) => {
    started.push(program);
    return program;
  };

  test('theClientIsPingedWhileTheUpstreamIsStopped', async () => {
    const upstream = keep(await startUpstream('node', { args: ['--ping-interval', '500', '--ping-timeout', '20000'] }));
    const gateway = keep(await startHoldfast([upstream.url]));
    const client = await Engine.open(gateway.url);
    await client.connect();
    assert.equal(client.announced.pingInterval, 500);
    assert.equal(client.announced.pingTimeout, 20_000);

    upstream.signal('SIGSTOP');
    try {
      const before = client.pings;
      await until('six pings while the upstream stands still', () => client.pings >= before + 6);
      client.send('420["echo","kept for later"]');
    } finally {
      upstream.signal('SIGCONT');
    }

    await client.says(/^430\["kept for later"\]$/);
    assert.equal(client.ws.readyState, 1, 'the transport stayed open');
    client.close();
  });

  test('theUpstreamIsAnsweredWhileTheClientIsSilent', async () => {
    const upstream = keep(await startUpstream('node', { args: ['--ping-interval', '200', '--ping-timeout', '1000'] }));
    const set = { 'socketio.ping-interval': '60s', 'socketio.ping-timeout': '60s' };
    const gateway = keep(await startHoldfast([upstream.url], { set }));
    const client = await Engine.open(gateway.url, { pong: false });
    await client.connect();

    let asked = 0;
    const pongs = async () => {
      client.send(`42${++asked}["pongs"]`);
      return Number((await client.says(new RegExp(`^43${asked}\\[`))).match(/\[(\d+)/)[1]);
    };
    await until('the upstream has got ten pongs', async () => (await pongs()) >= 10, { every: 200 });
    assert.equal(client.pings, 0, 'the client is not due, and its events say that it has its CONNECT reply');
    client.close();
  });
});
