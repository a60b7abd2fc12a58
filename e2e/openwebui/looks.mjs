// What a user sees of an answer while it is streamed: the page is looked at ten times a second, from inside.

/** Runs in the page from its first moment on. */
function look() {
  window.looks = [];
  window.toasts = [];
  const answer = () => {
    const text = document.querySelector('#messages-container')?.textContent ?? '';
    const numbers = [...text.matchAll(/word(\d+)/g)].map(([, number]) => Number(number));
    return numbers.slice(Math.max(0, numbers.lastIndexOf(1)));
  };
  window.answerShown = answer;
  setInterval(() => {
    const numbers = answer();
    const different = new Set(numbers).size;
    const missing = Math.max(0, ...numbers) - different;
    const disorder = numbers.filter((number, at) => at > 0 && number < numbers[at - 1]).length;
    window.looks.push({ at: Math.round(performance.now()), last: numbers.at(-1) ?? 0, missing, wrong: numbers.length - different + disorder });
  }, 100);
  const collect = () => {
    for (const toast of document.querySelectorAll('[data-sonner-toast]')) {
      if (!toast.noticed) window.toasts.push(toast.textContent.trim());
      toast.noticed = true;
    }
  };
  document.addEventListener('DOMContentLoaded', () => new MutationObserver(collect).observe(document.body, { childList: true, subtree: true }));
}

/** From now on each document of the page is looked at. */
export const watchAnswers = (page) => page.addInitScript(look);

/** Forgets what was seen until now. */
export const forget = (page) => page.evaluate(() => void (window.looks.length = window.toasts.length = 0));

export const toastsOf = (page) => page.evaluate(() => window.toasts);

/** The numbers of the last answer's words, as the page shows them. */
export const answerOf = (page) => page.evaluate(() => window.answerShown());

/** What the looks at an answer of so many words amount to: the worst of them, and the longest time without a new word. */
export async function verdict(page, count) {
  const looks = await page.evaluate(() => window.looks);
  const during = looks.filter(({ last }) => last > 0);
  let stall = 0;
  let grown = during[0]?.at;
  for (const [index, { at, last }] of during.entries()) {
    if (index > 0 && last > during[index - 1].last) {
      stall = Math.max(stall, at - grown);
      grown = at;
    }
    if (last >= count) break;
  }
  const worst = (what) => Math.max(0, ...during.map((one) => one[what]));
  return { looks: during.length, missing: worst('missing'), wrong: worst('wrong'), stall };
}
