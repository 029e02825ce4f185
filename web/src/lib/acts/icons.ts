import Ban from '@lucide/svelte/icons/ban';
import CalendarClock from '@lucide/svelte/icons/calendar-clock';
import CornerUpLeft from '@lucide/svelte/icons/corner-up-left';
import Handshake from '@lucide/svelte/icons/handshake';
import PackageSearch from '@lucide/svelte/icons/package-search';
import PackageX from '@lucide/svelte/icons/package-x';
import Replace from '@lucide/svelte/icons/replace';
import RotateCcw from '@lucide/svelte/icons/rotate-ccw';
import Split from '@lucide/svelte/icons/split';
import UserRound from '@lucide/svelte/icons/user-round';
import type { ActName } from './acts.ts';

/** The shape that stands for an act beside its words. */
export const actIcons: { readonly [A in ActName]: typeof Ban } = {
  handOver: Handshake,
  driver: UserRound,
  dueDate: CalendarClock,
  correctPart: Replace,
  settle: PackageX,
  found: PackageSearch,
  split: Split,
  takeBack: CornerUpLeft,
  reopen: RotateCcw,
  cancel: Ban,
};
