// Drives every input at every server, and finds the differences.
import { drive } from './drive.mjs';
import { firstRefused, handshakeRefused } from './kinds.mjs';

const parallel = 40;
const patience = 20_000;

/** What concerns Engine.IO or the form of polling: there the other server's word counts, too. */
const isEngine = ({ family }) => ['handshake', 'base64', 'engine', 'post', 'upgrade'].includes(family);

export class Comparison {
  #turn = 0;

  /** `servers`: `direct` and `gateway` with their `url`, and `node`, the server in this process. */
  constructor(servers) {
    this.servers = servers;
  }

  /** Outcomes of tasks `{ to, input }`, in their order. */
  async #drive(tasks) {
    const turn = this.#turn++;
    const outcomes = [];
    let next = 0;
    const worker = async () => {
      for (let index = next++; index < tasks.length; index = next++) {
        const { to, input } = tasks[index];
        outcomes[index] = await drive(this.servers[to], input, `${to}-${turn}-${input.id}`, patience);
      }
    };
    await Promise.all(Array.from({ length: parallel }, worker));
    const records = { ...(await (await fetch(`${this.servers.direct.url}/records`)).json()), ...this.servers.node.records };
    return tasks.map(({ to, input }, index) => ({ ...outcomes[index], delivered: delivered(records[`${to}-${turn}-${input.id}`], outcomes[index].state) }));
  }

  /** What each server made of each input. */
  async observe(inputs) {
    const tasks = inputs.flatMap((input) => ['direct', 'gateway', ...(isEngine(input) ? ['node'] : [])].map((to) => ({ to, input })));
    const outcomes = await this.#drive(tasks);
    const seen = new Map(inputs.map((input) => [input.id, { input }]));
    tasks.forEach(({ to, input }, index) => (seen.get(input.id)[to] = outcomes[index]));
    return [...seen.values()];
  }

  /** Gives each difference its kind; `kind` stays undefined where there is none. */
  async explain(differences) {
    const refused = differences.map(({ input }) => firstRefused(input));
    const until = differences.map(({ input }, index) => refused[index] && { to: 'direct', input: refused[index].until });
    const outcomes = await this.#drive(until.filter(Boolean));
    return differences.map((difference, index) => {
      const before = until[index] && outcomes.shift();
      return { ...difference, refused: refused[index], before, kind: kindOf(difference, refused[index], before) };
    });
  }
}

/** What the application was given, until the end of the input. */
function delivered(record = [], state) {
  const end = record.findIndex(([namespace]) => namespace === '/fin');
  const all = end < 0 ? record : record.slice(0, end);
  return state === 'open' ? all : all.filter(([, what]) => what !== 'disconnect');
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/**
 * An outcome in rows whose order counts. python-socketio runs handlers of events behind all that came in one read: how they stand
 * to connects and disconnects, and to those of other namespaces, is up to how packets fall into reads.
 */
function rows({ replies, delivered }) {
  const all = {};
  const add = (row, what) => (all[row] ??= []).push(what);
  for (const record of delivered) add(`given ${record[0]} ${/^(dis)?connect$/.test(record[1]) ? '' : 'events'}`, record);
  let row = '';
  for (const reply of replies) {
    // Attachments belong to the packet before them.
    if (!reply.startsWith('b')) row = `${/^4(3|6\d+-)/.test(reply) ? 'answers' : 'packets'} ${/^4\d(?:\d+-)?(\/[^,]*)?/.exec(reply)?.[1] ?? '/'}`;
    add(row, reply);
  }
  return all;
}

/** Whether one outcome says nothing but what the other does, and stops earlier at most. */
function isBeginning(part, whole) {
  const there = rows(whole);
  return Object.entries(rows(part)).every(([row, list]) => same(list, (there[row] ?? []).slice(0, list.length)));
}

export const isSame = (one, other) => one.state === other.state && isBeginning(one, other) && isBeginning(other, one);

function kindOf({ input, direct, gateway, node }, refused, before) {
  if (gateway.state === 'refused') return handshakeRefused(input);
  // What came before it is taken, unless the end overtook it.
  if (refused && gateway.state === 'closed' && isBeginning(gateway, before)) return refused.kind;
  if (node && isSame(gateway, node)) return 'as-node';
  const leaves = input.steps.some((step) => /(^|\x1e)1/.test(`${step.post ?? ''}\x1e${step.text ?? ''}`));
  if (leaves && gateway.state === 'closed' && isBeginning(gateway, direct)) return 'close-packet';
  return undefined;
}
