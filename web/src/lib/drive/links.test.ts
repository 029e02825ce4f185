import { expect, it } from 'vitest';
import { callLink, wayLink } from './links.ts';
import { addressOf, viewAt, type View } from './view.ts';

const android = 'Mozilla/5.0 (Linux; Android 16)';
const iphone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X)';
const works = { name: 'Weir & Co', address: '44 Weir Lane', position: [4.9, 52.4] as const };

it('calls what dialers understand', () => expect(callLink('+49 (30) 123-4567')).toBe('tel:+49301234567'));

it.each([
  [works, android, 'geo:52.4,4.9?q=52.4,4.9(Weir%20%26%20Co)'],
  [works, iphone, 'maps://?daddr=52.4%2C4.9'],
  [{ name: 'Weir', address: '44 Weir Lane' }, android, 'geo:0,0?q=Weir%2C%2044%20Weir%20Lane'],
  [{ name: 'Weir', address: '44 Weir Lane' }, iphone, 'maps://?daddr=44%20Weir%20Lane'],
  [{ name: 'Weir' }, android, undefined],
])('the way to %j on %s', (where, agent, link) => expect(wayLink(where, agent)).toBe(link));

it.each<View>([
  { name: 'route' },
  { name: 'handle', stop: 's', batch: 'b', counting: false },
  { name: 'handle', stop: 's', batch: 'b', counting: true },
  { name: 'stop', route: 'r', stop: 's' },
  { name: 'problem' },
  { name: 'problem', stop: 's' },
  { name: 'skip', stop: 's' },
  { name: 'more' },
  { name: 'waiting' },
  { name: 'routes' },
  { name: 'routes', route: 'r' },
])('an address finds its view again: %j', (view) =>
  expect(viewAt(new URL(addressOf(view), 'http://board.test').searchParams)).toEqual(view),
);

it.each(['?view=handle&stop=s', '?view=skip', '?view=stop&stop=s', '?view=nowhere', ''])(
  'an address that is cut short shows the route: %s',
  (search) => expect(viewAt(new URLSearchParams(search))).toEqual({ name: 'route' }),
);
