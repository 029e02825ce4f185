import type { Point } from '@opsboard/shared/geo/distance';

/** Web Mercator, the whole earth in a square from 0 to 1, north up. */
export type Flat = { x: number; y: number };

/** MapLibre's: at zoom 0 the earth is 512 pixels wide. */
const tile = 512;

export function flat([lon, lat]: Point): Flat {
  const sine = Math.sin((Math.max(-85.0511, Math.min(85.0511, lat)) * Math.PI) / 180);
  return { x: lon / 360 + 0.5, y: 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI) };
}

/** What part of the earth is on the screen: the map is neither turned nor tilted. */
export type Camera = {
  /** Of the screen's middle. */
  centre: Flat;
  /** Pixels that the earth is wide. */
  scale: number;
  /** Of the screen, CSS pixels. */
  width: number;
  height: number;
};

export const cameraOf = (centre: Point, zoom: number, width: number, height: number): Camera => ({
  centre: flat(centre),
  scale: tile * 2 ** zoom,
  width,
  height,
});

/** Pixels from the screen's left and top edge. */
export const screenX = (camera: Camera, x: number): number => (x - camera.centre.x) * camera.scale + camera.width / 2;
export const screenY = (camera: Camera, y: number): number => (y - camera.centre.y) * camera.scale + camera.height / 2;
