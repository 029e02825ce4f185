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

/** How often a tab says again where it is, milliseconds; one that has not for {@link silentAfter} is gone. */
export const sayEvery = 5_000;
export const silentAfter = 12_000;

/** The colours that tell people apart, 1 to 6. */
export type PersonColour = 1 | 2 | 3 | 4 | 5 | 6;

/**
 * One person who is here, with all their tabs: where, the latest first, at most {@link mostPlaces}; `moving` is the batch
 * whose card is in their hand.
 */
export type PersonHere = { person: string; colour: PersonColour; at: Place[]; moving?: string };

export const mostPlaces = 3;

/** Who is here now: with `all` everybody, else those of whom something changed, and those who left. */
export type PresenceNews = { all?: true; here: PersonHere[]; gone?: string[] };
