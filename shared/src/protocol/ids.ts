/**
 * Record ids and command ids are UUIDv7, made by whoever creates the thing (a browser, a phone, a job), so that a
 * resend names the same thing. The first 48 bits are milliseconds since the epoch.
 */
export const uuidv7Pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The time inside a UUIDv7, in milliseconds since the epoch. */
export function uuidv7Time(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/**
 * Composes a UUIDv7 from a time and ten random bytes. Pure: the caller brings the clock and the randomness
 * (`crypto.getRandomValues` in a browser, `randomFillSync` on a server).
 */
export function uuidv7From(now: number, random: Uint8Array): string {
  const byte = (i: number) => (random[i] ?? 0).toString(16).padStart(2, '0');
  const time = Math.max(0, Math.floor(now)).toString(16).padStart(12, '0').slice(-12);
  const a = (((random[0] ?? 0) & 0x0f) | 0x70).toString(16).padStart(2, '0') + byte(1);
  const b = (((random[2] ?? 0) & 0x3f) | 0x80).toString(16).padStart(2, '0') + byte(3);
  const c = byte(4) + byte(5) + byte(6) + byte(7) + byte(8) + byte(9);
  return `${time.slice(0, 8)}-${time.slice(8)}-${a}-${b}-${c}`;
}

/** How long a receipt answers a resent command, in milliseconds (90 days). */
export const receiptLifetime = 90 * 86_400_000;
/** A command id older than this is refused as `command_too_old`, in milliseconds (60 days): well before receipts go. */
export const commandMaxAge = 60 * 86_400_000;
/** How far a command id's time may lie ahead of the server's clock, in milliseconds (a phone may be a day wrong). */
export const commandMaxAhead = 86_400_000 + 3_600_000;
