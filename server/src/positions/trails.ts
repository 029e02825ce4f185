import type { Connection } from 'mongoose';
import type { Fix } from '@opsboard/shared/positions/schema';
import type { Logger } from '../platform/log.ts';
import { rounded } from './latest.ts';
import type { StoredPoint } from './model.ts';
import { minuteMs, trailId, trailsIn } from './model.ts';

/** How long points are gathered before they are written, milliseconds. */
const writeEvery = 5_000;
/** So many points are written at once, without waiting. */
const enough = 5_000;
/** Points that may wait; beyond that, phones keep theirs. */
const mostWaiting = 100_000;
/** Documents in one request to the database. */
const chunk = 500;
const dayMs = 86_400_000;

/** Where a phone's points belong. */
export type TrailOf = { org: string; route: string; driver: string };

export type Trails = {
  /** Resolves when the points are in the database: true; or when they could not be written: false. */
  add(of: TrailOf, fixes: readonly Fix[], days: number): Promise<boolean>;
  /** Points that are not written yet. */
  waiting(): number;
  /** Writes what waits. */
  close(): Promise<void>;
};

type Waiting = TrailOf & { minute: number; points: { [ms: string]: StoredPoint }; expireAt: Date };

/**
 * Keeps trails: gathers points of all phones for a moment and writes those of one driver and minute together. A phone
 * hears that its points were taken only when they are written, so nothing is lost with a process; a point that is sent
 * again is the same point.
 */
export function openTrails({ connection, log }: { connection: Connection; log: Logger }): Trails {
  let gathered = new Map<string, Waiting>();
  let listeners: ((written: boolean) => void)[] = [];
  let points = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let writing: Promise<void> | undefined;

  async function write(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const [documents, told, count] = [[...gathered], listeners, points];
    gathered = new Map();
    listeners = [];
    let written = true;
    try {
      for (let i = 0; i < documents.length; i += chunk) {
        await trailsIn(connection).bulkWrite(documents.slice(i, i + chunk).map(upsert), { ordered: false });
      }
    } catch (err) {
      written = false;
      log.warn({ err }, 'positions could not be kept; phones send them again');
    }
    points -= count;
    for (const tell of told) tell(written);
  }

  /** One after the other: what comes meanwhile is gathered. */
  function flush(): void {
    writing ??= write().finally(() => {
      writing = undefined;
      if (gathered.size > 0) ask();
    });
  }

  function ask(): void {
    if (points >= enough) flush();
    else timer ??= setTimeout(flush, writeEvery);
  }

  return {
    add: (of, fixes, days) => {
      if (fixes.length === 0 || days === 0) return Promise.resolve(true);
      if (points + fixes.length > mostWaiting) return Promise.resolve(false);
      for (const fix of fixes) {
        const minute = Math.floor(fix.at / minuteMs) * minuteMs;
        const id = trailId(of.route, of.driver, minute);
        let waiting = gathered.get(id);
        if (!waiting) {
          waiting = { ...of, minute, points: {}, expireAt: new Date(minute + minuteMs + days * dayMs) };
          gathered.set(id, waiting);
        }
        waiting.points[fix.at - minute] = [...rounded(fix), accuracyOf(fix)];
      }
      points += fixes.length;
      return new Promise((resolve) => {
        listeners.push(resolve);
        ask();
      });
    },
    waiting: () => points,
    close: async () => {
      await writing;
      if (gathered.size > 0) await write();
      clearTimeout(timer);
    },
  };
}

const accuracyOf = ({ accuracy }: Fix): number | null => (accuracy === undefined ? null : Math.round(accuracy));

function upsert([_id, { points, expireAt, ...rest }]: readonly [string, Waiting]) {
  const set = Object.fromEntries(Object.entries(points).map(([ms, point]) => [`points.${ms}`, point]));
  return { updateOne: { filter: { _id }, update: { $set: { ...set, expireAt }, $setOnInsert: rest }, upsert: true } };
}
