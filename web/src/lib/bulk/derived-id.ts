import { uuidv7From, uuidv7Time } from '@opsboard/shared/protocol/ids';

/** A mixing of text into 32 bits (FNV-1a with a final avalanche); not for secrets, only to tell texts apart. */
function mixed(text: string, seed: number): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35) >>> 0;
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * The id of the command of one record in a bulk: always the same for the same bulk and record, so that what is sent
 * again after a cut line acts once. Its time is the bulk's.
 *
 * @param bulk id of the bulk, a UUIDv7
 * @param record id of the record, or anything that tells it apart
 */
export function derivedId(bulk: string, record: string): string {
  const bytes = new Uint8Array(12);
  const view = new DataView(bytes.buffer);
  for (const part of [0, 1, 2]) view.setUint32(part * 4, mixed(`${bulk}/${record}`, part * 0x9e3779b9));
  return uuidv7From(uuidv7Time(bulk), bytes.subarray(0, 10));
}
