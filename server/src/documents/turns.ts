/** Leaves the turn to the next one. */
export type Leave = () => void;

/**
 * Lets so many work at once, and the others wait in order. What waits costs next to nothing; what works holds a
 * document in memory and takes its share of the one thread that serves every board.
 *
 * @param atOnce how many work
 * @param waiting how many may wait; who comes after that is sent away
 */
export function createTurns(atOnce: number, waiting: number): { take(): Promise<Leave> | undefined } {
  let working = 0;
  const line: (() => void)[] = [];
  const leave = (): void => {
    const next = line.shift();
    if (next) next();
    else working--;
  };
  return {
    take() {
      if (working < atOnce) {
        working++;
        return Promise.resolve(leave);
      }
      if (line.length >= waiting) return undefined;
      return new Promise((resolve) => line.push(() => resolve(leave)));
    },
  };
}
