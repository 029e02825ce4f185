import ArrowDownToLine from '@lucide/svelte/icons/arrow-down-to-line';
import ArrowUpFromLine from '@lucide/svelte/icons/arrow-up-from-line';
import Ban from '@lucide/svelte/icons/ban';
import CalendarClock from '@lucide/svelte/icons/calendar-clock';
import CircleCheck from '@lucide/svelte/icons/circle-check';
import LogIn from '@lucide/svelte/icons/log-in';
import LogOut from '@lucide/svelte/icons/log-out';
import SkipForward from '@lucide/svelte/icons/skip-forward';
import Truck from '@lucide/svelte/icons/truck';
import Building2 from '@lucide/svelte/icons/building-2';
import Store from '@lucide/svelte/icons/store';
import Wrench from '@lucide/svelte/icons/wrench';
import type { PlaceKind, RouteStatus } from '@opsboard/shared/routes/words';
import type { StopStep } from './record.ts';

/** The shape that stands for a route's status beside its word. */
export const routeIcons: { readonly [S in RouteStatus]: typeof Truck } = {
  planned: CalendarClock,
  under_way: Truck,
  finished: CircleCheck,
  cancelled: Ban,
};

export const placeIcons: { readonly [K in PlaceKind]: { word: string; icon: typeof Truck } } = {
  branch: { word: 'Branch', icon: Building2 },
  customer: { word: 'Customer', icon: Store },
  center: { word: 'Service center', icon: Wrench },
};

/** What a desk puts on record at a stop: as a fact, and as what the button does. */
export const stepWords: {
  readonly [W in StopStep['what']]: { readonly done: string; readonly verb: string; readonly icon: typeof Truck };
} = {
  arrive: { done: 'Arrived', verb: 'Record the arrival', icon: LogIn },
  hand_over: { done: 'Handed over', verb: 'Record the hand-over', icon: ArrowDownToLine },
  pick_up: { done: 'Picked up', verb: 'Record the pick-up', icon: ArrowUpFromLine },
  depart: { done: 'Left', verb: 'Record the departure', icon: LogOut },
  skip: { done: 'Skipped', verb: 'Skip the stop', icon: SkipForward },
};

/** A distance: `800 m`, `12.4 km`. Figure and unit stay together. */
export const distanceWords = (metres: number): string =>
  metres < 1000 ? `${Math.round(metres / 50) * 50}\u202fm` : `${(metres / 1000).toFixed(1)}\u202fkm`;
