import { statuses, statusWords } from '@opsboard/shared/batches/steps';
import { NOBODY, type BatchFilter } from '@opsboard/shared/batches/filter';
import { choices, drivers } from '#lib/batches/live.svelte.ts';

/** A field that a board or a list can be narrowed by, in a menu. */
export type FilterField = 'status' | 'branch' | 'customer' | 'center' | 'driver' | 'sla' | 'due';

export const fieldWords: { readonly [F in FilterField]: string } = {
  status: 'Status',
  branch: 'Branch',
  customer: 'Customer',
  center: 'Center',
  driver: 'Driver',
  sla: 'SLA status',
  due: 'Due',
};

/** What may be chosen of a field, as it is known now. */
export function optionsOf(field: FilterField): readonly { value: string; label: string }[] {
  switch (field) {
    case 'status':
      return statuses.map((status) => ({ value: status, label: statusWords[status].word }));
    case 'driver':
      return [{ value: NOBODY, label: 'Nobody yet' }, ...drivers()];
    case 'sla':
      return [
        { value: 'breached', label: 'Breached' },
        { value: 'on_track', label: 'On track' },
      ];
    case 'due':
      return [
        { value: 'today', label: 'Today' },
        { value: 'soon', label: 'Within 3 days' },
      ];
    default:
      return choices(field);
  }
}

/** What of a field is chosen. */
export function chosenOf(filter: BatchFilter, field: FilterField): readonly string[] {
  if (field === 'due') return filter.due ? [filter.due] : [];
  return filter[field];
}

/** The filter with one value of a field turned over; of `due` only one at a time. */
export function toggled(filter: BatchFilter, field: FilterField, value: string): BatchFilter {
  const chosen = chosenOf(filter, field);
  const there = chosen.includes(value);
  if (field === 'due') {
    const { due: _, ...rest } = filter;
    return there ? rest : { ...rest, due: value as 'today' | 'soon' };
  }
  // The values of status and SLA come from the lists above, so they are of the field's own type.
  return { ...filter, [field]: there ? chosen.filter((other) => other !== value) : [...chosen, value] } as BatchFilter;
}

/** The filter without a field. */
export function without(filter: BatchFilter, field: FilterField): BatchFilter {
  if (field === 'due') {
    const { due: _, ...rest } = filter;
    return rest;
  }
  return { ...filter, [field]: [] };
}
