/** What a board's maps are drawn on, as `GET /api/map` says it: addresses to ask, or none of them. */
export type MapBase = {
  /** A MapLibre style of the organization's own choice. */
  style?: string;
  /** A PMTiles file in Protomaps' schema, served by the board itself with range requests. */
  tiles?: string;
  /** The invented city of the demo world. */
  city?: string;
};
