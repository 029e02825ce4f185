import type { RecordChange, StateView } from '../protocol/decision.ts';
import { sameValue } from '../protocol/patch.ts';
import type { PlaceShown, Stop } from './schema.ts';
import { hasEnded, isOpenRoute } from './stops.ts';

/** A branch, center or customer, as far as a driver is told of it. */
type Place = {
  name: string;
  address?: string;
  phone?: string;
  contactPhone?: string;
  position?: [number, number];
};
type Kind = Stop['place']['kind'];

const kinds: readonly string[] = ['branch', 'center', 'customer'] satisfies Kind[];

/** What a driver must know of a place, from the directory as it is. */
export function placeShownOf(state: Pick<StateView, 'get'>, { kind, id }: Stop['place']): PlaceShown | undefined {
  const record = state.get(kind, id) as Place | undefined;
  return record && shownOf(kind, record);
}

function shownOf(kind: Kind, record: Place): PlaceShown {
  const phone = kind === 'customer' ? record.contactPhone : record.phone;
  return {
    name: record.name,
    ...(record.address === undefined ? {} : { address: record.address }),
    ...(phone === undefined ? {} : { phone }),
    ...(record.position === undefined ? {} : { position: record.position }),
  };
}

/**
 * What the open routes that have still to go there are told, when an entry of the directory is another from now on: what
 * was driven keeps what it was driven with.
 *
 * @param kind of the entry; only places have routes that go there
 * @param id whose stops they are as the routes have them now
 * @param after the entry as it is from now on
 */
export function placesFollow(state: Pick<StateView, 'all'>, kind: string, id: string, after: object): RecordChange[] {
  if (!kinds.includes(kind)) return [];
  const shown = shownOf(kind as Kind, after as Place);
  return [...state.all('route')].flatMap((route): RecordChange[] => {
    if (!isOpenRoute(route)) return [];
    const set = Object.fromEntries(
      route.order
        .filter((stop) => {
          const { place, ...rest } = route.stops[stop]!;
          return place.kind === kind && place.id === id && !hasEnded(rest) && !sameValue(route.places?.[stop], shown);
        })
        .map((stop) => [`places.${stop}`, shown]),
    );
    return Object.keys(set).length === 0 ? [] : [{ kind: 'route', id: route.id, set }];
  });
}
