// Awaiting with a deadline: a test that waits for ever says what it waited for.

/** The promise's value, or an error naming what was awaited after that many milliseconds. */
export async function within(ms, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${ms} ms: ${what}`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks until the answer is truthy, and returns it. `what` is a text, or gives one once it is too late. */
export async function until(what, ask, { ms = 10_000, every = 50 } = {}) {
  const end = Date.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${typeof what === 'function' ? what() : what}`);
    await pause(every);
  }
}

/** Lets time pass between two askings; never used as a synchronisation of its own. */
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A promise with its handles outside: something else will say when it is done. */
export function signal() {
  const handles = {};
  const promise = new Promise((resolve, reject) => Object.assign(handles, { resolve, reject }));
  return Object.assign(promise, handles);
}
