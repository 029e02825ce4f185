import Ban from '@lucide/svelte/icons/ban';
import CalendarClock from '@lucide/svelte/icons/calendar-clock';
import CircleCheck from '@lucide/svelte/icons/circle-check';
import Truck from '@lucide/svelte/icons/truck';
import Building2 from '@lucide/svelte/icons/building-2';
import Store from '@lucide/svelte/icons/store';
import Wrench from '@lucide/svelte/icons/wrench';
import type { PlaceKind, RouteStatus } from '@opsboard/shared/routes/words';

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

/** A distance: `800 m`, `12.4 km`. Figure and unit stay together. */
export const distanceWords = (metres: number): string =>
  metres < 1000 ? `${Math.round(metres / 50) * 50}\u202fm` : `${(metres / 1000).toFixed(1)}\u202fkm`;
