// Bodies of any size from nothing: byte n of every body is the same, so a part of it can be checked as well.
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';

const BLOCK = Buffer.alloc(256 * 1024, 'all work and no play makes a dull body \u0000\u00ff\r\n', 'latin1');

/** The bytes from `start` (included) to `end` (excluded). */
export function* pieces(start, end) {
  for (let at = start; at < end; ) {
    const from = at % BLOCK.length;
    const piece = BLOCK.subarray(from, Math.min(BLOCK.length, from + end - at));
    yield piece;
    at += piece.length;
  }
}

export const bodyStream = (start, end) => Readable.from(pieces(start, end), { objectMode: false, highWaterMark: BLOCK.length });

/** What was read, by length and digest. */
export async function digestOf(chunks) {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}
