/** How often a tab says again where it is, milliseconds. */
export const sayEvery = 5_000;
/** A tab that has said nothing for so long is gone, milliseconds. */
export const silentAfter = 12_000;
/** Places of one person that others are told of. */
export const mostPlaces = 3;
