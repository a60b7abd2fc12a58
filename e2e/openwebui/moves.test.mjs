// Tabs move between two replicas of the real Open WebUI in the middle of answers, while one of them stands still.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { noHoldfast } from '../lib/gateway.mjs';
import { missing } from '../lib/paths.mjs';
import { startMoves } from './moves.mjs';
import { openWebUi } from './stack.mjs';

describe('sessions that move while answers are generated', { skip: noHoldfast() || missing('redis-server', 'redis-cli', openWebUi) }, () => {
  const TABS = 10;
  const WORDS = 120;
  let moving;
  before(async () => (moving = await startMoves({ tabs: TABS })));
  after(() => moving?.stop());

  for (const [how, what] of [['speak', 'ordinary words'], ['repeat', 'equal tokens']]) {
    test(`noTextOf ${what} isTornWhileAReplicaStandsStill`, async (t) => {
      const { texts, moved, unsure, seconds, inTheMidst } = await moving.round({ how, words: WORDS });

      const counts = texts.map(({ got, seen }) => `${got.length}/${seen.length}`).join(' ');
      t.diagnostic(`${counts}, ${moved} moved in ${seconds} s, ${inTheMidst} answers went on, unsure: ${JSON.stringify(unsure)}`);
      assert.equal(moved, TABS);
      assert.deepEqual(texts.map(({ got }) => got), texts.map(({ seen }) => seen));
    });
  }

  test('nobodySeesAFenceAndNothingOfItIsLeft', async () => {
    assert.deepEqual(moving.fencesSeen(), []);
    assert.deepEqual(await moving.keysLeft(), []);
  });
});
