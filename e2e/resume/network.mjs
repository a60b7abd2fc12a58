// Two nodes, and tabs that reach them over a network with a round trip of 120 ms; and what became of a tab.
import assert from 'node:assert/strict';
import { io } from 'socket.io-client-newest';
import { pause, until } from '../lib/deadline.mjs';
import { total } from '../lib/metrics.mjs';
import { startNodes } from '../lib/nodes.mjs';
import { startRelay } from '../lib/relay.mjs';
import { Client } from './client.mjs';
import { startUpstream } from './upstreams.mjs';
import { faults } from './words.mjs';

const ONE_WAY_MS = 60;
export const TABS = 20;
/** Twenty words a second, small ones or of the size that a token of Open WebUI's has. */
const EVERY_MS = 50;
export const [SMALL, LARGE] = [0, 200];
/** All tabs are of one address and have no user: more of them are away at a time than an address usually may have. */
const quick = { 'socketio.ping-interval': '2s', 'drain.timeout': '8s', 'switchover.lag': '400ms', 'relink.rate': '200', 'resume.parked-per-user': '100' };

/** Two nodes behind a balancer, their upstreams, and tabs that reach them over a network. */
export class World {
  #relays = [];
  tabs = [];

  static async start({ upstreams = 1, set = {}, ...options } = {}) {
    const world = new World();
    world.upstreams = await Promise.all(Array.from({ length: upstreams }, () => startUpstream('node')));
    world.gateway = await startNodes(2, world.upstreams.map(({ url }) => url), { name: 'latency', balancer: 'own', set: { ...quick, ...set }, ...options });
    world.network = await world.relay();
    return world;
  }

  async relay() {
    const relay = await startRelay(this.gateway.port, { delay: ONE_WAY_MS });
    this.#relays.push(relay);
    return relay;
  }

  /** New connections go to that node only. */
  lead(n) {
    const { nodes, balancer } = this.gateway;
    for (const { port } of nodes) balancer.remove(port);
    balancer.add(nodes[n].port);
  }

  /** Opens tabs that are at the first node; `apart`: each over a network of its own. Every other one gets large words. */
  async open({ apart = false } = {}) {
    this.lead(0);
    const open = async (_, n) => {
      const network = apart ? await this.relay() : this.network;
      const size = n % 2 ? LARGE : SMALL;
      return Object.assign(await new Client({ io, url: network.url, size }).open(), { network, kind: { every: EVERY_MS, size } });
    };
    this.tabs = await Promise.all(Array.from({ length: TABS }, open));
    assert.equal(total(await this.gateway.nodes[0].metrics(), 'holdfast_sessions'), TABS, 'all are there');
    return this.tabs;
  }

  /** All are connected; through which node is not asked. */
  settled() {
    return until('all tabs are connected', () => this.tabs.every(({ socket }) => socket.connected));
  }

  /** The first node is drained, as by SIGTERM in a rolling upgrade; resolves once it has ended. */
  async drain() {
    this.lead(1);
    assert.deepEqual(await this.gateway.nodes[0].stop(), { code: 0, signal: null });
  }

  async stop() {
    for (const tab of this.tabs) tab.leave();
    for (const relay of this.#relays) relay.close();
    await this.gateway?.stop();
    for (const upstream of this.upstreams ?? []) await upstream.stop();
  }
}

/** How many had which fate. */
export function tally(fates) {
  const counts = {};
  for (const fate of fates) counts[fate] = (counts[fate] ?? 0) + 1;
  return counts;
}

export const WELL = 'well';
export const allWell = { [WELL]: TABS };
/** Whether it comes true in that time. */
export const inTime = (what, ask, ms) => until(what, ask, { ms }).then(() => true, () => false);

/**
 * Resolves once that is so, or nothing more has come for so long, or a minute is over: on a busy machine what is on its way comes late,
 * and is not lost.
 */
export async function orQuiet(isDone, size, ms) {
  const end = Date.now() + 60_000;
  let [seen, since] = [-1, 0];
  while (Date.now() < end && !(await isDone()) && (size() !== seen || Date.now() - since < ms)) {
    if (size() !== seen) [seen, since] = [size(), Date.now()];
    await pause(50);
  }
}

/** Whether it answers: a call is asked by the upstream, answered by the page, and the answer arrives. */
async function isAlive(tab, upstream) {
  tab.socket.on('question', (value, ...rest) => value === 'alive' && rest.at(-1)('yes'));
  await upstream.call(tab.name, 'alive');
  const answered = async () => (await upstream.journal(tab.name)).some(([what, value, said]) => what === 'answered' && value === 'alive' && said === 'yes');
  return inTime('the answer', answered, 5_000);
}

/** `well`, or all that is not; a tab that gets no more words is not waited for any longer. */
export async function fateOf(tab, { count, upstream, cuts, ms = 6_000 }) {
  const found = [];
  await orQuiet(() => tab.words.includes(count), () => tab.words.length, ms);
  const [back] = tab.connects.slice(cuts);
  if (!back) found.push('its CONNECT was not answered');
  else if (!back.recovered) found.push('a fresh session');
  const { missing, repeated, reordered } = faults(tab.words, count);
  if (missing.length > 0) found.push(`${missing.length} missing from ${missing[0]} to ${missing.at(-1)}`);
  if (repeated > 0) found.push(`${repeated} repeated`);
  if (reordered > 0) found.push(`${reordered} reordered`);
  if (tab.changed.length > 0) found.push(`${tab.changed.length} changed`);
  if (!tab.socket.connected) found.push('not connected');
  else if (!(await isAlive(tab, upstream))) found.push('a call is not answered');
  return found.join(', ') || WELL;
}

/** Words to all tabs, every connection reset in the midst of them; the fates of all. */
export async function streamThroughACut(world, upstream, { count = 80 } = {}) {
  const { tabs, network } = world;
  for (const tab of tabs) tab.words.length = 0;
  const cuts = new Map(tabs.map((tab) => [tab, tab.connects.length]));
  await Promise.all(tabs.map((tab) => upstream.stream(tab.name, { ...tab.kind, count })));
  await inTime('half of them', () => tabs.every((tab) => tab.words.includes(count / 2)), 8_000);
  network.cut();
  return Promise.all(tabs.map((tab) => fateOf(tab, { count, upstream, cuts: cuts.get(tab) })));
}
