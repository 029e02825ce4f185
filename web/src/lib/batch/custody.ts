import type { Holder } from '@opsboard/shared/batches/custody';
import Building from '@lucide/svelte/icons/building-2';
import Truck from '@lucide/svelte/icons/truck';
import Wrench from '@lucide/svelte/icons/wrench';
import { nameOf } from '#lib/batches/live.svelte.ts';

/** The shape that stands for who has a batch. */
export const holderIcons: { readonly [K in Holder['kind']]: typeof Truck } = {
  branch: Building,
  person: Truck,
  center: Wrench,
};

/** The name of who has a batch: a branch, a driver, a center. */
export const holderName = (holder: Holder): string => nameOf(holder.kind, holder.id);
