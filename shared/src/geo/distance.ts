/** [longitude, latitude] in degrees, WGS 84. */
export type Point = readonly [lon: number, lat: number];

/** The mean radius of the earth, metres. */
const radius = 6_371_008.8;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** The way between two points over the earth's surface in a straight line, metres. */
export function distance([lon, lat]: Point, [toLon, toLat]: Point): number {
  const up = Math.sin(radians(toLat - lat) / 2) ** 2;
  const along = Math.sin(radians(toLon - lon) / 2) ** 2;
  return 2 * radius * Math.asin(Math.sqrt(up + Math.cos(radians(lat)) * Math.cos(radians(toLat)) * along));
}
