import type { Point } from '@opsboard/shared/geo/distance';
import type { SlaStatus } from '@opsboard/shared/batches/sla';

/** What can be picked on a map. */
export type MarkKind = 'driver' | 'branch' | 'center' | 'customer' | 'stop';
export type Picked = { kind: MarkKind; id: string };

/** Something that stays where it is. */
export type MapPlace = {
  id: string;
  kind: Exclude<MarkKind, 'driver'>;
  name: string;
  position: Point;
  /** Said below the name, as "8 batches". */
  note?: string;
  /** The worst of what is there. */
  sla?: SlaStatus;
  /** The number on a stop's mark; a stop that is done has a tick. */
  order?: number;
  done?: boolean;
};

/** A way on the map: what was driven, and what is still ahead. */
export type MapRoute = {
  id: string;
  driven?: readonly (readonly Point[])[];
  ahead?: readonly (readonly Point[])[];
  /** Drawn in the accent colour, above the others. */
  picked?: boolean;
};

/** What is known of somebody who drives, besides where. */
export type MapDriver = {
  id: string;
  name: string;
  initials: string;
  /** The worst of what they carry, how many that is, and how it is said: "47 m over". */
  sla?: SlaStatus;
  carries: number;
  said?: string;
};

/** Where somebody is: `at` by the server's clock, milliseconds; `heading` in degrees from north. */
export type Fix = { at: number; point: Point; heading?: number | undefined };

/**
 * Where positions come from. They are not reactive state: thousands a second go to the drawing alone.
 *
 * `each` gives those known now; `follow` tells each one that is new and those that are gone, and returns the stop. `now`
 * is the time that they belong to, milliseconds; absent: the present.
 */
export type Movements = {
  now?(): number;
  each(tell: (driver: string, fix: Fix) => void): void;
  follow(heard: { moved(driver: string, fix: Fix): void; gone(driver: string): void }): () => void;
};

/** Which marks are shown; all of them, or one sort. */
export type Shown = 'all' | 'drivers' | 'batches' | 'places';

/** After so long without a position a driver is shown as quiet, milliseconds: a phone that stands still tells each 15 s. */
export const quietAfter = 120_000;
