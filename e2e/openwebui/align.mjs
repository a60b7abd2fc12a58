// The same as moves.test.mjs at full size: so many texts, a quarter of each kind: ordinary words and equal tokens, two versions of Open
// WebUI. usage: align.mjs [--texts 500] [--seed 1] [--tabs 10] [--words 200] [--pace 60] [--calm]. A text has so many words, so many ms
// apart; with --calm no replica stands still. The exit status is 1 if a text was not what the replica said.
import { parseArgs } from 'node:util';
import { seeded } from '../lib/random.mjs';
import { startMoves } from './moves.mjs';
import { older, version } from './stack.mjs';

const { values } = parseArgs({
  options: {
    texts: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    tabs: { type: 'string', default: '10' },
    words: { type: 'string', default: '200' },
    pace: { type: 'string', default: '60' },
    calm: { type: 'boolean', default: false },
  },
});

const random = seeded(Number(values.seed));
const all = { texts: 0, wrong: 0, moved: 0, unsure: 0 };
for (const which of [version, older]) {
  const moving = await startMoves({ which, tabs: Number(values.tabs) });
  for (const how of ['speak', 'repeat']) {
    const of = { texts: 0, wrong: 0, moved: 0, unsure: 0 };
    const reasons = {};
    let [longest, midst] = [0, 0];
    while (of.texts < Number(values.texts) / 4) {
      const { texts, moved, unsure, seconds, inTheMidst } = await moving.round({ how, random, words: Number(values.words), paceMs: Number(values.pace), standsStill: !values.calm });
      const wrong = texts.filter(({ right }) => !right);
      for (const { got, seen } of wrong) console.log(`  wrong: ${got.length} events of ${seen.length}, ${JSON.stringify(got)} instead of ${JSON.stringify(seen)}`);
      of.texts += texts.length;
      of.wrong += wrong.length;
      of.moved += moved;
      for (const [reason, count] of Object.entries(unsure)) {
        reasons[reason] = (reasons[reason] ?? 0) + count;
        of.unsure += count;
      }
      longest = Math.max(longest, seconds);
      midst += inTheMidst;
    }
    console.log(`align-real: Open WebUI ${which}, ${how}: ${of.wrong} of ${of.texts} texts wrong; ${of.moved} sessions moved, ${of.unsure} unsure ${JSON.stringify(reasons)}; ${midst} texts went on behind all moves, which took ${longest} s at most`);
    for (const key of Object.keys(all)) all[key] += of[key];
  }
  const seen = moving.fencesSeen();
  const left = await moving.keysLeft();
  console.log(`align-real: Open WebUI ${which}: events of fences that a tab saw: ${seen.length}; keys left in Redis: ${left.length}`);
  all.wrong += seen.length + left.length;
  await moving.stop();
}
console.log(`align-real: ${all.wrong} of ${all.texts} texts wrong; ${all.moved} sessions moved, ${all.unsure} unsure`);
process.exit(all.wrong > 0 ? 1 : 0);
