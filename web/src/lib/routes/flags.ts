import { stopsOf } from '@opsboard/shared/routes/progress';
import type { Route } from '@opsboard/shared/routes/schema';
import { isDone, isOpenRoute } from '@opsboard/shared/routes/stops';
import { problemWords } from '@opsboard/shared/routes/words';
import { differs, openProblems } from './figures.ts';

/** Why a batch is flagged: a problem that nobody has settled, or a count that differed when it was handled last. */
export type Flag = { readonly of: 'problem' | 'count'; readonly at: number; readonly words: string };

type Flagging = Pick<Route, 'reference' | 'status' | 'archivedAt' | 'order' | 'stops' | 'problems'>;

/** The batches that are flagged on some routes; of several reasons, a problem, then the latest. */
export function flagsOf(routes: Iterable<Flagging>): Map<string, Flag> {
  const flags = new Map<string, Flag>();
  const add = (batch: string, flag: Flag): void => {
    const other = flags.get(batch);
    if (!other || (other.of === flag.of ? flag.at > other.at : flag.of === 'problem')) flags.set(batch, flag);
  };
  for (const route of routes) {
    for (const { stop } of stopsOf(route)) {
      for (const [batch, done] of Object.entries(stop.done ?? {})) {
        if (!differs(done) || done.takenBack) continue;
        add(batch, { of: 'count', at: done.at, words: `Not as expected on ${route.reference}` });
      }
    }
    for (const { problem } of openProblems(route)) {
      const words = `Problem on ${route.reference}: ${problemWords[problem.reason]}`;
      for (const batch of concerned(route, problem)) add(batch, { of: 'problem', at: problem.at, words });
    }
  }
  return flags;
}

/** The batches that a problem is about: the one it names, or those that its stop still waits for. */
function concerned(
  route: Flagging,
  { batch, stop: at }: { batch?: string | undefined; stop?: string | undefined },
): readonly string[] {
  if (batch !== undefined) return [batch];
  const stop = at === undefined ? undefined : route.stops[at];
  if (!stop) return [];
  return isOpenRoute(route) ? [...stop.pickUp, ...stop.handOver].filter((one) => !isDone(stop, one)) : [];
}
