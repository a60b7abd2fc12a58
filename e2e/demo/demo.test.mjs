// What anybody sees who runs `holdfast demo` and presses its buttons while words stream.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { noHoldfast } from '../lib/gateway.mjs';
import { jar, missing } from '../lib/paths.mjs';
import { Program } from '../lib/process.mjs';
import { browserPath, launchBrowser, openPage } from '../openwebui/page.mjs';

const WORDS = 400;
const END = `The upstream sent ${WORDS} words; ${WORDS} of them are here.`;

describe('holdfast demo', { skip: noHoldfast() || missing(browserPath) }, () => {
  let demo;
  let browser;
  let page;
  const read = async (id) => page.locator(`#${id}`).textContent();
  const says = (id, text) => page.waitForFunction(([where, what]) => document.getElementById(where).textContent === what, [id, text]);

  before(async () => {
    demo = new Program('demo', process.env.HOLDFAST_E2E_JAVA ?? 'java', ['-jar', jar, 'demo']);
    const [, url] = await demo.says(/serves its demo at (\S+)/);
    browser = await launchBrowser();
    page = await openPage(browser, url);
    await page.goto('/');
    await says('state', 'connected');
  });
  after(async () => {
    await browser?.close();
    await demo?.stop();
  });

  /** Streams, presses the button after some words, and looks when all have been sent. */
  async function streamAndPress(button) {
    await page.click('#stream');
    await page.waitForFunction(() => Number(document.getElementById('received').textContent) > 20);
    await page.click(`#${button}`);
    await page.waitForFunction(() => document.getElementById('note').textContent.startsWith('The upstream sent'));
    assert.equal(await read('note'), END);
    const counted = {};
    for (const id of ['received', 'missing', 'duplicated', 'misplaced']) counted[id] = await read(id);
    assert.deepEqual(counted, { received: String(WORDS), missing: '0', duplicated: '0', misplaced: '0' });
  }

  test('aConnectionThatIsCutMissesNothing', async () => {
    const sid = await read('sid');
    await streamAndPress('cut');
    assert.deepEqual([await read('connections'), await read('recovered'), await read('sid')], ['2', '1', sid]);
  });

  test('tenSecondsOfflineMissNothing', async () => {
    await streamAndPress('offline');
    assert.deepEqual([await read('connections'), await read('recovered')], ['3', '2']);
  });

  test('aRestartOfTheUpstreamClosesNoWebSocket', async () => {
    const sid = await read('sid');
    await streamAndPress('restart');
    assert.deepEqual([await read('connections'), await read('relinked')], ['3', '1']);
    assert.notEqual(await read('sid'), sid);
    assert.deepEqual(page.sockets.map((socket) => socket.open), [false, false, true]);
  });
});
