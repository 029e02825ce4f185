import { randomFillSync } from 'node:crypto';

// Random bytes are drawn by the block: one call to the system for many ids.
const pool = Buffer.alloc(10 * 256);
let used = pool.length;

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * A new UUIDv7 in lower case, from the system's randomness.
 *
 * @param now the time in it, milliseconds since the epoch
 */
export function newId(now: number = Date.now()): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const at = used;
  used += 10;
  const byte = (i: number) => hex[pool[at + i]!]!;
  const time = Math.max(0, Math.floor(now)).toString(16).padStart(12, '0').slice(-12);
  const version = hex[(pool[at]! & 0x0f) | 0x70]!;
  const variant = hex[(pool[at + 2]! & 0x3f) | 0x80]!;
  return (
    `${time.slice(0, 8)}-${time.slice(8)}-${version}${byte(1)}-${variant}${byte(3)}-` +
    `${byte(4)}${byte(5)}${byte(6)}${byte(7)}${byte(8)}${byte(9)}`
  );
}
