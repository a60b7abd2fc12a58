// C2, C6 and C10 where there is a network between clients and nodes: each change of owner with 120 ms round trip. Tabs are idle while it
// happens, and cut only afterwards: what is wrong with a session that has changed hands shows when it is needed again.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { WebSocket } from 'ws';
import { pause, until, within } from '../lib/deadline.mjs';
import { noHoldfast } from '../lib/gateway.mjs';
import { total } from '../lib/metrics.mjs';
import { noNodes } from '../lib/nodes.mjs';
import { jar } from '../lib/paths.mjs';
import { Program } from '../lib/process.mjs';
import { startRelay } from '../lib/relay.mjs';
import { allWell, fateOf, inTime, orQuiet, SMALL, streamThroughACut, TABS, tally, WELL, World } from './network.mjs';
import { faults } from './words.mjs';

/** A tab that sends numbers and answers calls, where it can right before and right behind a PONG: that is one read at its node. */
class Talker {
  sent = 0;
  /** Times that it would have said something into a connection that was half closed: the client itself drops that. */
  heldBack = 0;
  #open = [];

  constructor(tab) {
    this.tab = tab;
    const { socket } = tab;
    socket.once('disconnect', () => (this.atTheClose = this.sent));
    socket.on('question', (value, ...rest) => this.#asked(value, rest.at(-1)));
    const watch = () => socket.io.engine.on('packet', ({ type }) => type === 'ping' && this.#say());
    watch();
    socket.io.on('open', watch);
    socket.io.on('ping', () => this.#say()); // its PONG was made
  }

  /** Nobody is kept waiting for an answer: a session that moves to another link does not wait for long. */
  #asked(value, answer) {
    const open = () => answer(`to ${value}`);
    this.#open.push(open);
    setTimeout(() => this.#open.includes(open) && this.#answer(open), 300);
  }

  #answer(open) {
    this.#open.splice(this.#open.indexOf(open), 1);
    open();
  }

  #say() {
    if (this.#open.length > 0) this.#answer(this.#open[0]);
    this.note();
  }

  note() {
    const { socket } = this.tab;
    if (socket.connected && socket.io.engine.transport.ws.readyState !== WebSocket.OPEN) this.heldBack++;
    else socket.emit('note', ++this.sent);
  }
}

/** What the upstream has heard of each: events until the connection was closed, those behind them, and answers. */
async function heard(talkers, upstream, asked) {
  const each = async ({ tab, sent, atTheClose }) => {
    let journal = [];
    const of = (entry) => journal.filter(([what]) => what === entry);
    const all = async () => {
      journal = await upstream.journal(tab.name);
      return of('note').at(-1)?.[1] >= sent && of('answered').length >= asked;
    };
    await orQuiet(all, () => journal.length, 3_000);
    const notes = of('note').map(([, n]) => n);
    const right = of('answered').filter(([, value, said]) => said === `to ${value}`).map(([, value]) => Number(value));
    return {
      before: shown(faults(notes.filter((n) => n <= atTheClose), atTheClose)),
      behind: shown(faults(notes.filter((n) => n > atTheClose).map((n) => n - atTheClose), sent - atTheClose)),
      answers: shown({ ...faults(right, asked), reordered: 0 }),
    };
  };
  const all = await Promise.all(talkers.map(each));
  return { before: all.map(({ before }) => before), behind: all.map(({ behind }) => behind), answers: all.map(({ answers }) => answers) };
}

const shown = ({ missing, repeated, reordered }) =>
  missing.length + repeated + reordered === 0 ? WELL : `${missing.length} missing, ${repeated} repeated, ${reordered} reordered`;

/** A chunk whose last frame is a client's PONG. */
function isPong(bytes) {
  const frame = bytes.subarray(-7);
  return frame.length === 7 && frame[0] === 0x81 && frame[1] === 0x81 && (frame[6] ^ frame[2]) === '3'.charCodeAt(0);
}

describe('over a network of 120 ms', { skip: noHoldfast() || noNodes('own') }, () => {
  /** A world ends with its test: the next one has both processors. */
  const trial = (name, options, script) =>
    test(name, async (t) => {
      const world = await World.start(options);
      try {
        await script(world, t);
      } finally {
        await world.stop();
      }
    });

  trial('idleTabsOfADrainedNodeMissNothingWhenTheyAreCutLater', {}, async (world) => {
    const tabs = await world.open();
    await world.drain();
    await world.settled();

    const fates = await streamThroughACut(world, world.upstreams[0]);
    assert.deepEqual(tally(fates), allWell);
  });

  trial('idleTabsOfADrainedNodeMissNothingWhenTheyAreCutRightBehindAPong', {}, async (world) => {
    const [upstream] = world.upstreams;
    const tabs = await world.open({ apart: true });
    await world.drain();
    await world.settled();

    const cut = async (tab) => {
      const cuts = tab.connects.length;
      const isQuiet = tab.kind.size === SMALL; // nothing more for it while it is away
      let count = 260;
      await upstream.stream(tab.name, { ...tab.kind, count });
      await inTime('some words', () => tab.words.length >= 20, 5_000);
      await within(10_000, 'a PONG', tab.network.cutBehind('up', isPong));
      tab.network.offline();
      const last = isQuiet && (await upstream.hush(tab.name));
      await pause(9_000); // longer than what was confirmed is kept
      tab.network.restore();
      if (isQuiet) {
        count = last + 20;
        await upstream.stream(tab.name, { ...tab.kind, from: last + 1, count });
      }
      return fateOf(tab, { count, upstream, cuts });
    };
    assert.deepEqual(tally(await Promise.all(tabs.map(cut))), allWell);
  });

  trial('whatClientsSendAndAnswerWhileTheirNodeIsDrainedArrivesOnceAndInOrder', {}, async (world, t) => {
    const [upstream] = world.upstreams;
    const tabs = await world.open();
    const talkers = tabs.map((tab) => new Talker(tab));
    const talk = setInterval(() => talkers.forEach((talker) => talker.note()), 20);
    let asked = 0;
    const ask = setInterval(() => {
      asked++;
      for (const { name } of tabs) upstream.call(name, asked);
    }, 200);
    await until('all talk', () => talkers.every(({ sent }) => sent > 50));
    await world.drain();
    await pause(1_500); // they go on at the other node
    clearInterval(ask);
    clearInterval(talk);
    await world.settled();
    talkers.forEach((talker) => talker.note());

    const { before, behind, answers } = await heard(talkers, upstream, asked);
    await t.test('events that were under way when the node closed the connection', () => assert.deepEqual(tally(before), allWell));
    // A client that has got the close frame drops what it says until the connection ends. The end is sent with the frame: a node that
    // waited for an answer would leave each client half closed for a round trip, 120 ms or 6 events.
    const heldBack = talkers.map((talker) => talker.heldBack);
    await t.test('no client is left with a connection that is half closed', () => assert.ok(Math.max(...heldBack) <= 3, `${heldBack} events`));
    await t.test('events while the session changed hands', () => assert.deepEqual(tally(behind), allWell));
    await t.test('answers to calls', () => assert.deepEqual(tally(answers), allWell));
    await t.test('words afterwards', async () => assert.deepEqual(tally(await streamThroughACut(world, upstream)), allWell));
  });

  trial('tabsOfAKilledNodeGetAFreshSessionAndAreAlive', {}, async (world) => {
    const tabs = await world.open();
    const ids = tabs.map(({ connects }) => connects[0].id);
    world.lead(1);
    await world.gateway.nodes[0].stop('SIGKILL');
    await Promise.all(tabs.map((tab) => tab.connected(2)));
    assert.deepEqual(tally(tabs.map(({ connects }) => connects[1].recovered)), { false: TABS });
    assert.deepEqual(tabs.filter(({ connects }, n) => connects[1].id === ids[n]), []);

    const fates = await streamThroughACut(world, world.upstreams[0]);
    assert.deepEqual(tally(fates), allWell);
  });

  trial('idleTabsMissNothingAfterEachNodeWasRestarted', {}, async (world) => {
    const tabs = await world.open();
    for (const n of [0, 1]) {
      world.lead(1 - n);
      assert.deepEqual(await world.gateway.restart(n), { code: 0, signal: null });
      world.lead(1 - n);
      await world.settled();
    }

    const fates = await streamThroughACut(world, world.upstreams[0]);
    assert.deepEqual(tally(fates), allWell);
  });

  trial('idleTabsOfADrainedUpstreamStayConnectedAndMissNothingWhenTheyAreCutLater', { upstreams: 2 }, async (world) => {
    const tabs = await world.open();
    const connects = async (upstream, tab) => (await upstream.journal(tab.name)).filter(([what]) => what === 'connect').length;
    const at = (upstream) => Promise.all(tabs.map((tab) => connects(upstream, tab)));
    const [first, second] = world.upstreams;
    const [left, kept] = (await at(first)).some(Boolean) ? [first, second] : [second, first];
    const moved = (await at(left)).filter(Boolean).length;
    assert.ok(moved > 0);
    const admin = new URL(world.gateway.nodes[0].adminUrl).host;
    const command = new Program('drain', process.env.HOLDFAST_E2E_JAVA ?? 'java', ['-jar', jar, 'drain', '--upstream', left.url, '--admin', admin]);
    assert.deepEqual(await command.exited, { code: 0, signal: null }, command.output);
    assert.deepEqual(tally(tabs.flatMap(({ partings }) => partings)), {}, 'no tab was disconnected');
    assert.deepEqual(tally(await at(kept)), { 1: TABS }, 'each is at the other upstream');
    assert.equal(tabs.filter(({ connects }) => connects.length === 2).length, moved, 'and was told so, if it had moved');

    const fates = await streamThroughACut(world, kept);
    assert.deepEqual(tally(fates), allWell);
  });

  const redis = {};
  const redisOf = async (n, port) => (n === 0 ? (redis.ofTheFirst = await startRelay(port)).port : port);
  trial('tabsOfANodeThatHasLostRedisForAWhileAreRecoveredByWayOfTheOther', { redisOf }, async (world) => {
    const [upstream] = world.upstreams;
    const [first, second] = world.gateway.nodes;
    const count = 300;
    const tabs = await world.open();
    await Promise.all(tabs.map((tab) => upstream.stream(tab.name, { ...tab.kind, count })));
    await Promise.all(tabs.map((tab) => tab.sees(20)));
    try {
      redis.ofTheFirst.offline();
      const lost = pause(10_000);
      await until('the other node misses it', async () => total(await second.metrics(), 'holdfast_nodes') === 1);
      world.lead(1);
      world.network.cut();
      await lost;
      redis.ofTheFirst.restore();
      await until('they know each other again', async () => total(await world.gateway.metrics(), 'holdfast_nodes') === 4, { ms: 20_000 });

      const fates = await Promise.all(tabs.map((tab) => fateOf(tab, { count, upstream, cuts: 1 })));
      assert.deepEqual(tally(fates), allWell);
      assert.equal(first.exit, undefined);
    } finally {
      redis.ofTheFirst.close();
    }
  });
});
