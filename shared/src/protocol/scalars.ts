import { z } from 'zod';
import { uuidv7Pattern } from './ids.ts';

/** A record or command id: UUIDv7 in lower case, made by the client. */
export const id = z.string().regex(uuidv7Pattern, 'must be a UUIDv7 in lower case');
/** Milliseconds since the epoch (UTC), a whole number between 2000 and 2200. */
export const time = z.int().min(946_684_800_000).max(7_258_118_400_000);
/** A day of the calendar, as `2026-12-24`. */
export const calendarDay = z.iso.date('must be a day, as 2026-12-24');
/** A record's version, from 1. */
export const rev = z.int().min(1);
/**
 * Signs that turn the direction of what follows them, also of what stands behind the text on a screen: a name must not
 * be able to rewrite its neighbours. They come along unseen when text is copied, so they are left out, not refused.
 */
const directions = /[\u202a-\u202e\u2066-\u2069\ufeff]/g;
const withoutDirections = (text: string): string => text.replace(directions, '');
/** One line of text for people: trimmed, no control characters. */
export const line = (max: number) =>
  z
    .string()
    .overwrite(withoutDirections)
    .trim()
    .min(1, 'must not be empty')
    .max(max)
    // eslint-disable-next-line no-control-regex -- control characters are exactly what is refused
    .regex(/^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$/, 'must be one line of text');
/** Text of several lines for people: trimmed, line ends as `\n`, no other control characters than tabs. */
export const paragraphs = (max: number) =>
  z
    .string()
    .transform((text) => withoutDirections(text).replace(/\r\n?/g, '\n').trim())
    .pipe(
      z
        .string()
        .min(1, 'must not be empty')
        .max(max)
        // eslint-disable-next-line no-control-regex -- control characters are exactly what is refused
        .regex(/^[^\u0000-\u0008\u000b-\u001f\u007f-\u009f]*$/, 'must be plain text'),
    );
export const email = z
  .email()
  .max(254)
  .transform((text) => text.toLowerCase());
export const phone = z
  .string()
  .trim()
  .regex(/^\+?[0-9 ()./-]{4,30}$/, 'must be a telephone number');
/** An IANA time zone, as `Europe/Berlin`. */
export const timeZone = z.string().max(64).refine(isTimeZone, 'must be an IANA time zone, as Europe/Berlin');

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** What every record carries. */
export const recordBase = { id, org: id, rev };
