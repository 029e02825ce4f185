import type { Status } from '@opsboard/shared/batches/steps';
import CircleCheck from '@lucide/svelte/icons/circle-check';
import PackageCheck from '@lucide/svelte/icons/package-check';
import PencilLine from '@lucide/svelte/icons/pencil-line';
import Truck from '@lucide/svelte/icons/truck';
import Undo2 from '@lucide/svelte/icons/undo-2';
import Wrench from '@lucide/svelte/icons/wrench';

/** The shape that stands for a status beside its word. */
export const statusIcons: { readonly [S in Status]: typeof Truck } = {
  draft: PencilLine,
  sealed: PackageCheck,
  in_transit_to_center: Truck,
  at_center: Wrench,
  in_transit_back: Undo2,
  completed: CircleCheck,
};
