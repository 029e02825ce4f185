import { z } from 'zod';
import { id } from '../protocol/scalars.ts';

/** The pages where people meet. */
export const pages = ['dashboard', 'board', 'batches'] as const;
export type PageName = (typeof pages)[number];

/** Where somebody is: on one of the pages, or on the page of one batch. */
export const place = z.union([z.strictObject({ page: z.enum(pages) }), z.strictObject({ batch: id })]);
export type Place = z.infer<typeof place>;

/**
 * What a tab says of itself: where it is (`null`: nowhere that others would look for it, or out of sight), and the batch
 * whose card is in its hand.
 */
export const whereabouts = z.strictObject({ place: place.nullable(), moving: id.optional() });
export type Whereabouts = z.infer<typeof whereabouts>;

/** The colours that tell people apart, 1 to 6. */
export type PersonColour = 1 | 2 | 3 | 4 | 5 | 6;

/**
 * One person who is here, with all their tabs: where, the latest first, at most `mostPlaces`; `moving` is the batch
 * whose card is in their hand.
 */
export type PersonHere = { person: string; colour: PersonColour; at: Place[]; moving?: string };

/** Who is here now: with `all` everybody, else those of whom something changed, and those who left. */
export type PresenceNews = { all?: true; here: PersonHere[]; gone?: string[] };
