import { uuidv7From } from '@opsboard/shared/protocol/ids';
import type { Deed, Doer } from './history.ts';
import type { Random } from './random.ts';

const minute = 60_000;

/** Makes a deed of a moment, somebody and a command. */
type Say = (at: number, actor: Doer, name: Deed['command']['name'], args: object) => Deed;

const calls = [
  'Workshop is one board short, the rest is ready tonight',
  'Spoke to the counter: it left with the noon courier',
  'Nobody answered, left a message to call back',
  'They found a second fault and need until tomorrow morning',
];
const tellings = ['Rang their dispatcher, who can wait until tomorrow', 'Told them at the counter when they asked'];
const reasons = [
  'The center waited for a display board that was ordered too late. We ask for spares with the booking from now on.',
  'Two parts were tested twice because the first report was lost. The center keeps reports by part ID now.',
  'Pick-up missed the closing hour. The tour goes there first on Fridays now.',
];

/**
 * What was done about a breach: nothing yet about the newest, the more the longer it is over, all that goes without a new
 * date about those that came back late.
 *
 * @param until milliseconds: now, or when the batch came back
 */
export function responseTo(
  breach: { id: string; at: number; until: number; desk: () => Doer },
  chance: Random,
  say: Say,
): Deed[] {
  const { id, at, until, desk } = breach;
  const deeds: Deed[] = [];
  const next = (after: number, name: Deed['command']['name'], args: object): void => {
    const when = at + Math.floor(after * chance.between(0.7, 1.3));
    if (when < until) deeds.push(say(when, desk(), name, { id, ...args }));
  };
  next(40 * minute, 'batch.logCall', { note: chance.pick(calls) });
  next(190 * minute, 'batch.notifyCustomer', { messages: [], told: chance.pick(tellings) });
  next(250 * minute, 'batch.addNote', {
    note: { id: uuidv7From(at, chance.bytes(10)), text: chance.pick(reasons) },
    reason: true,
  });
  return deeds;
}
