/** A code that was out of sight for so long is another sighting, milliseconds. */
const outOfSight = 3_000;

/** What a camera sees, twenty times the same: tells which codes are new. */
export class Sightings {
  #last = new Map<string, number>();

  /**
   * @param at milliseconds, of any clock that runs
   * @returns `first` time ever, `again` after it was out of sight, or `still` in sight
   */
  see(text: string, at: number): 'first' | 'again' | 'still' {
    const last = this.#last.get(text);
    this.#last.set(text, at);
    if (last === undefined) return 'first';
    return at - last > outOfSight ? 'again' : 'still';
  }
}
