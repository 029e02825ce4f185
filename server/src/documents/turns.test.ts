import { expect, it } from 'vitest';
import { createTurns } from './turns.ts';

it('lets some work, has others wait in order, and sends away who comes after that', async () => {
  const turns = createTurns(2, 2);
  const told: string[] = [];
  const come = (name: string) => turns.take()?.then((leave) => (told.push(name), leave));
  const [first, second, third, fourth] = [come('first'), come('second'), come('third'), come('fourth')];
  expect(come('fifth')).toBeUndefined();
  const leaveFirst = (await first)!;
  await second;
  expect(told).toEqual(['first', 'second']);
  leaveFirst();
  const leaveThird = (await third)!;
  expect(told).toEqual(['first', 'second', 'third']);
  // A place in the line is free again.
  const sixth = come('sixth');
  expect(come('seventh')).toBeUndefined();
  leaveThird();
  (await fourth)!();
  (await sixth)!();
  (await second)!();
  expect(told).toEqual(['first', 'second', 'third', 'fourth', 'sixth']);
  expect([come('a'), come('b')].every(Boolean)).toBe(true);
});
