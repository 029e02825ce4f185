import type { Status } from '@opsboard/shared/batches/steps';

/** What happened to a batch when it reached a status: "B-2041 departed for the center". */
export const pastWords: { readonly [S in Status]: string } = {
  draft: 'was created',
  sealed: 'was sealed',
  in_transit_to_center: 'departed for the center',
  at_center: 'arrived at the center',
  in_transit_back: 'left the center',
  completed: 'was completed',
};
