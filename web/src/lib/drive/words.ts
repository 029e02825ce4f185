import type { Stop } from '@opsboard/shared/routes/schema';
import { problemWords, type ProblemReason } from '@opsboard/shared/routes/words';
import { counted, hourMinute } from '#lib/time/format.ts';
import type { Difference } from './count.ts';
import type { Job, NextStep } from './progress.ts';

/** What sentences need to know of the records behind ids. */
export type Named = {
  /** The reference of a batch, as `B-2051`. */
  reference(batch: string): string;
  /** What a stop of a route is called. */
  place(route: string, stop: string): string;
  /** How many parts of a batch must be there; undefined while the batch is not known. */
  parts(batch: string): number | undefined;
};

/** What is done with a batch at a stop. */
export const jobWords: { readonly [W in Job['what']]: { readonly now: string; readonly done: string } } = {
  pick_up: { now: 'Pick up', done: 'Picked up' },
  hand_over: { now: 'Hand over', done: 'Handed over' },
};

/** What the main button says. */
export function buttonWords(next: NextStep, parts: Named['parts']): string {
  switch (next.do) {
    case 'start':
      return 'Start the route';
    case 'arrive':
      return 'I have arrived';
    case 'handle': {
      const counts = next.jobs.map(({ batch }) => parts(batch));
      const known = counts.every((count) => count !== undefined);
      return known
        ? `Scan ${counted(
            counts.reduce((sum, count) => sum + count, 0),
            'part',
          )}`
        : 'Scan the parts';
    }
    case 'depart':
      return next.last ? 'Depart and finish' : 'Depart';
    case 'finish':
      return 'Finish the route';
    case 'nothing':
      return '';
  }
}

/** `planned 14:10 to 14:30`, `planned 14:10`, `from 14:10`, `until 14:30`, or nothing. */
export function windowWords({ from, to, plannedAt }: Stop, zone: string): string {
  if (from !== undefined && to !== undefined) return `planned ${hourMinute(from, zone)} to ${hourMinute(to, zone)}`;
  if (plannedAt !== undefined) return `planned ${hourMinute(plannedAt, zone)}`;
  if (from !== undefined) return `from ${hourMinute(from, zone)}`;
  if (to !== undefined) return `until ${hourMinute(to, zone)}`;
  return '';
}

/** A stop is told as late from so much on, milliseconds: the estimate is no better. */
const tells = 5 * 60_000;

/**
 * When a stop that is still ahead will be reached, where that is later than planned: `about 14:52`.
 *
 * @param expected milliseconds, as estimated
 */
export function laterWords({ from, to, plannedAt }: Stop, expected: number | undefined, zone: string): string {
  const due = to ?? plannedAt ?? from;
  return expected === undefined || due === undefined || expected < due + tells
    ? ''
    : `about ${hourMinute(expected, zone)}`;
}

/** What happens at a stop, in one line: `Pick up B-2073, 9 parts`, `Pick up 3 batches, hand over 1`. */
export function stopWords(stop: Stop, named: Pick<Named, 'reference' | 'parts'>): string {
  const all = [...stop.handOver, ...stop.pickUp];
  const [only] = all;
  if (only !== undefined && all.length === 1) {
    const what = stop.handOver.length === 1 ? jobWords.hand_over.now : jobWords.pick_up.now;
    const parts = named.parts(only);
    return `${what} ${named.reference(only)}${parts === undefined ? '' : `, ${counted(parts, 'part')}`}`;
  }
  const some = (ids: readonly string[], what: Job['what'], first: boolean): string => {
    const word = first ? jobWords[what].now : jobWords[what].now.toLowerCase();
    return `${word} ${counted(ids.length, 'batch', 'batches')}`;
  };
  return [
    ...(stop.handOver.length > 0 ? [some(stop.handOver, 'hand_over', true)] : []),
    ...(stop.pickUp.length > 0 ? [some(stop.pickUp, 'pick_up', stop.handOver.length === 0)] : []),
  ].join(', ');
}

/** `Offline. 3 actions wait`, and what stands below it. */
export function offlineWords(
  line: 'offline' | 'signed_out' | 'sending',
  waiting: number,
  inStepAt: number | undefined,
  zone: string,
): { title: string; text: string } {
  const wait = waiting === 0 ? undefined : `${counted(waiting, 'action')} ${waiting === 1 ? 'waits' : 'wait'}`;
  const until = inStepAt === undefined ? undefined : `In step until ${hourMinute(inStepAt, zone)}`;
  switch (line) {
    case 'sending':
      return { title: `Sending ${counted(waiting, 'action')}`, text: 'Kept on this phone until the server has them' };
    case 'signed_out':
      return {
        title: `Signed out. ${wait ?? 'Nothing waits'}`,
        text: wait === undefined ? 'Sign in to go on' : 'Kept on this phone. Sign in to send',
      };
    case 'offline':
      return {
        title: wait === undefined ? 'Offline. Go on as usual' : `Offline. ${wait}`,
        text: [wait === undefined ? 'What you do is kept' : 'Kept on this phone', until].filter(Boolean).join('. '),
      };
  }
}

/** An action of the driver, as its time is told beside it: `Handed over B-2079, 6 parts`. */
export function actionWords(name: string, args: Readonly<Record<string, unknown>>, named: Named): string {
  const text = (key: string): string => (typeof args[key] === 'string' ? args[key] : '');
  const place = (): string => named.place(text('id'), text('stop'));
  const batch = (): string => {
    const count = args['count'];
    return `${named.reference(text('batch'))}${typeof count === 'number' ? `, ${counted(count, 'part')}` : ''}`;
  };
  switch (name) {
    case 'route.start':
      return 'Started the route';
    case 'route.arrive':
      return `Arrived at ${place()}`;
    case 'route.depart':
      return `Departed from ${place()}`;
    case 'route.skip':
      return `Skipped ${place()}`;
    case 'route.pickUp':
      return `${jobWords.pick_up.done} ${batch()}`;
    case 'route.handOver':
      return `${jobWords.hand_over.done} ${batch()}`;
    case 'route.report':
      return `Reported: ${(problemWords[text('reason') as ProblemReason] ?? 'a problem').toLowerCase()}`;
    case 'route.acknowledge':
      return 'Saw the change of the plan';
    case 'route.finish':
      return 'Finished the route';
    default:
      return name;
  }
}

/** What differs, in one sentence and names: `5 counted, 6 on the list.` */
export function differenceWords({ expected, counted: there }: Difference): string {
  return `${counted(there, 'part')} counted, ${expected} on the list.`;
}

/** `P-1, P-2 and 4 more`. */
export function namesOf(parts: readonly string[], most = 12): string {
  const shown = parts.slice(0, most).join(', ');
  return parts.length > most ? `${shown} and ${parts.length - most} more` : shown;
}
