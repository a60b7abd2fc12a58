// What the admin port says in numbers.
import assert from 'node:assert/strict';
import { until } from './deadline.mjs';

/** The sum over all samples of that name whose labels include these. */
export function total(text, name, labels = {}) {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const samples = [...text.matchAll(new RegExp(`^${name}(?:\\{(.*)\\})? (\\S+)`, 'gm'))];
  return samples.filter(([, has = '']) => wanted.every((one) => has.includes(one))).reduce((sum, [, , value]) => sum + Number(value), 0);
}

/** How many resumes ended so, by result. */
export async function resumes(gateway) {
  const text = await gateway.metrics();
  const results = ['recovered', 'expired', 'trimmed', 'foreign', 'unknown'];
  return Object.fromEntries(results.map((result) => [result, total(text, 'holdfast_resumes_total', { result })]));
}

/** No event is unaccounted for: what was accepted was delivered or merged, waits, or was given up for a reason. */
export async function assertLedger(gateway) {
  let last;
  const balanced = async () => {
    const text = await gateway.metrics();
    const of = (what) => total(text, `holdfast_events_${what}`);
    last = { accepted: of('accepted_total'), delivered: of('delivered_total'), merged: of('merged_total'), waiting: of('waiting'), 'given up': of('given_up_total') };
    return last.accepted === last.delivered + last.merged + last.waiting + last['given up'];
  };
  await until('the ledger adds up', balanced, { ms: 5_000 }).catch((error) => {
    throw new Error(`${error.message}: ${JSON.stringify(last)}`);
  });
  assert.ok(last.accepted > 0, 'events were counted');
  return last;
}
