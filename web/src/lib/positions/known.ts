import type { DriverPosition, PositionsNews } from '@opsboard/shared/positions/schema';

/** Where a driver was last: `at` by the server's clock (milliseconds), `heading` in degrees, `speed` in metres a second. */
export type Position = {
  route: string;
  at: number;
  point: readonly [lon: number, lat: number];
  heading?: number;
  speed?: number;
};

/** What a message changed. */
export type Heard = { moved: string[]; gone: string[] };

const positionOf = ([, route, lon, lat, at, heading, speed]: DriverPosition): Position => ({
  route,
  at,
  point: [lon, lat],
  ...(heading === null ? {} : { heading }),
  ...(speed === null ? {} : { speed }),
});

/** Takes a message in ([G3]). The map is changed, not copied: thousands of drivers move every second. */
export function takeNews(known: Map<string, Position>, { all, drivers, gone = [] }: PositionsNews): Heard {
  const heard: Heard = { moved: [], gone: [] };
  if (all) {
    const still = new Set(drivers.map(([driver]) => driver));
    for (const driver of known.keys()) if (!still.has(driver)) heard.gone.push(driver);
  }
  for (const driver of gone) if (known.has(driver)) heard.gone.push(driver);
  for (const driver of heard.gone) known.delete(driver);
  for (const one of drivers) {
    const position = positionOf(one);
    const before = known.get(one[0]);
    // After the line was cut everything is told again: what is as it was does not move.
    if (before && before.at === position.at && before.route === position.route) continue;
    known.set(one[0], position);
    heard.moved.push(one[0]);
  }
  return heard;
}
