// What a transcript keeps of values: everything, but bytes and long texts by digest.
import { createHash } from 'node:crypto';

export function sha256(values) {
  const hash = createHash('sha256');
  for (const value of values) {
    hash.update(typeof value === 'string' || ArrayBuffer.isView(value) ? value : JSON.stringify(value));
  }
  return hash.digest('hex');
}

export function brief(value) {
  if (value instanceof ArrayBuffer) return brief(new Uint8Array(value));
  if (ArrayBuffer.isView(value)) return { bytes: value.byteLength, sha256: sha256([value]) };
  if (typeof value === 'string' && value.length > 100) return { text: value.length, sha256: sha256([value]) };
  if (Array.isArray(value)) return value.map(brief);
  if (typeof value === 'function') return 'answer()';
  if (value && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, brief(one)]));
  }
  return value ?? null;
}
