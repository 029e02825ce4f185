/** Points in one report of a phone. */
export const mostPoints = 600;
/** Shortest time between two messages about positions to one audience, milliseconds. */
export const newsEvery = 1_000;
/** A phone says where it is after so many metres … */
export const leastMetres = 25;
/** … or so many milliseconds. */
export const mostSilence = 15_000;
/** What a phone knows only to so many metres says nothing about the street it is in. */
export const coarsest = 500;
/** How long a phone keeps what it could not send: a long shift. Milliseconds. */
export const keptOnPhone = 16 * 3_600_000;
