/** A seeded source of numbers in [0, 1), so that a failing run can be run again. */
export function seeded(seed: number): { next(): number; whole(n: number): number; pick<T>(list: readonly T[]): T } {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  const next = (): number => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 4_294_967_296;
  };
  for (let i = 0; i < 8; i++) next();
  return { next, whole: (n) => Math.floor(next() * n), pick: (list) => list[Math.floor(next() * list.length)]! };
}
