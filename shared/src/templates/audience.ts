import type { View } from '../protocol/view.ts';
import type { Template } from './schema.ts';

/** Templates are for those who make batches at the branch: not for the road, and not for walls. */
export const templateView: View<'template'> = {
  sees: (audience, template: Template) =>
    audience.role !== 'driver' &&
    audience.role !== 'display' &&
    (audience.branches === undefined || audience.branches.includes(template.branch)),
  hides: () => [],
};
