// The numbered words that an upstream streams. Events end with a number, an object, a text, an array or bytes in turn:
// what a client takes from the end of an event must not matter.
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';

/** The arguments of word n, as both upstreams send it; `binary`: some have attachments; `size`: characters in front of the ending. */
export function word(n, binary = false, size = 0) {
  const endings = [undefined, { of: n }, `word ${n}`, [n, null, 'last'], '', binary ? Buffer.from(`word ${n}`) : -n / 2];
  const ending = endings[n % endings.length];
  const begin = size ? [n, 'x'.repeat(size)] : [n];
  return ending === undefined ? begin : [...begin, ending];
}

const shown = (value) => (ArrayBuffer.isView(value) || value instanceof ArrayBuffer ? Buffer.from(value) : value);

/** Whether these handler arguments begin with those of the word: an offset may follow, nothing may be changed. */
export function isWord(values, binary = false, size = 0) {
  const expected = word(values[0], binary, size);
  return isDeepStrictEqual(values.slice(0, expected.length).map(shown), expected);
}

/** What is wrong with a list of numbers that should be 1, 2, … count. */
export function faults(numbers, count) {
  const times = new Map();
  for (const n of numbers) times.set(n, (times.get(n) ?? 0) + 1);
  const missing = [];
  for (let n = 1; n <= count; n++) if (!times.has(n)) missing.push(n);
  return {
    missing,
    repeated: numbers.length - times.size,
    reordered: [...times.keys()].filter((n, at, first) => at > 0 && n < first[at - 1]).length, // as they came first
  };
}

export function assertComplete(numbers, count) {
  assert.deepEqual(faults(numbers, count), { missing: [], repeated: 0, reordered: 0 });
}
