// Open WebUI's page in a real Chromium.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { pause, until } from '../lib/deadline.mjs';

export const browserPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync) ?? '/usr/bin/chromium';
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const PATIENCE_MS = 60_000;

export const launchBrowser = () => chromium.launch({ executablePath: browserPath, args: flags });

/** A page with its own storage; `page.sockets` are the Socket.IO WebSockets that it opened, with their frames. */
export async function openPage(browser, url, { token } = {}) {
  const context = await browser.newContext({ baseURL: url, viewport: { width: 1280, height: 900 } });
  context.setDefaultTimeout(PATIENCE_MS);
  if (token) await context.addInitScript((value) => localStorage.setItem('token', value), token);
  return watch(await context.newPage());
}

/** One more tab of the same browser user. */
export const openTab = async (page) => watch(await page.context().newPage());

function watch(page) {
  page.sockets = [];
  page.on('websocket', (socket) => {
    const seen = { url: socket.url(), received: [], sent: [], open: true };
    socket.on('framereceived', ({ payload }) => seen.received.push(String(payload)));
    socket.on('framesent', ({ payload }) => seen.sent.push(String(payload)));
    socket.on('close', () => (seen.open = false));
    page.sockets.push(seen);
  });
  return page;
}

export async function signUp(page, { name, email, password }) {
  await page.goto('/auth');
  await page.getByRole('button', { name: 'Get started' }).click();
  await page.locator('#name').fill(name);
  await page.locator('#email').fill(email);
  await page.locator('#password').fill(password);
  await page.locator('button[type=submit]').click();
  await chatInput(page).waitFor();
  await dismissNews(page);
}

export async function signIn(page, { email, password }) {
  await page.locator('#email').fill(email);
  await page.locator('#password').fill(password);
  await page.locator('button[type=submit]').click();
  await chatInput(page).waitFor();
  await dismissNews(page);
}

export const chatInput = (page) => page.locator('#chat-input');

/** The "what's new" dialogue covers the page of an administrator once. */
async function dismissNews(page) {
  const okay = page.getByRole('button', { name: /Okay, Let's Go!/ });
  await okay.click({ timeout: 5_000 }).catch(() => {});
}

export async function openChat(page) {
  await page.goto('/?models=words');
  await chatInput(page).waitFor();
  await dismissNews(page);
}

export async function say(page, text) {
  await chatInput(page).click();
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
}

/** The numbers of the words of the last answer, in the order in which the page shows them. */
export async function wordsOf(page) {
  const text = await page.locator('#messages-container').innerText();
  return [...text.matchAll(/word(\d+)/g)].map(([, number]) => Number(number));
}

/** The text of an open note. The other user's cursor carries a label, which is no part of it. */
export const noteTextOf = (page) =>
  noteEditor(page).evaluate((element) => {
    const copy = element.cloneNode(true);
    copy.querySelectorAll('[class*=cursor]').forEach((cursor) => cursor.remove());
    return [...copy.children].map((line) => line.textContent.replaceAll('\u2060', '')).join('\n').trim();
  });

/** What stands before the cursor in an open note. */
const beforeCursorOf = (page) =>
  noteEditor(page).evaluate((element) => {
    const { anchorNode, anchorOffset } = getSelection();
    const range = document.createRange();
    range.setStart(element, 0);
    range.setEnd(anchorNode, anchorOffset);
    return range.toString().replaceAll('\u2060', '');
  });

/** Sets the cursor to the end of a note's first line. What others' cursors do at that moment may undo a key in the page. */
export const toEndOfFirstLine = (page, line) =>
  until('the cursor is at the end of the first line', async () => {
    await page.keyboard.press('Control+Home');
    await page.keyboard.press('End');
    await pause(200);
    return (await beforeCursorOf(page)) === line;
  });

export const noteEditor = (page) => page.locator('.ProseMirror');
