import { statuses, statusWords } from '@opsboard/shared/batches/steps';
import { NOBODY, type BatchFilter } from '@opsboard/shared/batches/filter';
import { choices, drivers } from '#lib/batches/live.svelte.ts';

/** A field that a board or a list can be narrowed by, in a menu. */
export type FilterField = 'status' | 'branch' | 'customer' | 'center' | 'driver' | 'sla' | 'due' | 'dates' | 'part';

export const fieldWords: { readonly [F in FilterField]: string } = {
  status: 'Status',
  branch: 'Branch',
  customer: 'Customer',
  center: 'Center',
  driver: 'Driver',
  sla: 'SLA status',
  due: 'Due',
  dates: 'Expected back',
  part: 'Part',
};

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
const dayWord = (date: string): string => day.format(new Date(`${date}T00:00:00Z`));

/** What a field is narrowed to, in words: `Status: Sealed`, `Driver: 3`, `Expected back: 1 Dec to 4 Dec`. */
export function chosenWords(filter: BatchFilter, field: FilterField): string {
  const chosen = chosenOf(filter, field);
  const [first] = chosen;
  if (first === undefined) return fieldWords[field];
  if (chosen.length > 1) return `${fieldWords[field]}: ${chosen.length}`;
  return `${fieldWords[field]}: ${valueWords(filter, field, first)}`;
}

function valueWords({ from, to }: BatchFilter, field: FilterField, value: string): string {
  if (field === 'part') return value;
  if (field !== 'dates') return optionsOf(field).find((option) => option.value === value)?.label ?? 'unknown';
  if (from && to) return from === to ? dayWord(from) : `${dayWord(from)} to ${dayWord(to)}`;
  return from ? `from ${dayWord(from)}` : to ? `to ${dayWord(to)}` : '';
}

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
    case 'dates':
    case 'part':
      return [];
    default:
      return choices(field);
  }
}

/** What of a field is chosen. */
export function chosenOf(filter: BatchFilter, field: FilterField): readonly string[] {
  if (field === 'due') return filter.due ? [filter.due] : [];
  if (field === 'part') return filter.part ? [filter.part] : [];
  if (field === 'dates') return filter.from || filter.to ? [`${filter.from ?? ''}/${filter.to ?? ''}`] : [];
  return filter[field];
}

/** The filter with one value of a field turned over; of `due` only one at a time. */
export function toggled(filter: BatchFilter, field: FilterField, value: string): BatchFilter {
  const chosen = chosenOf(filter, field);
  const there = chosen.includes(value);
  if (field === 'dates' || field === 'part') return filter;
  if (field === 'due') {
    const { due: _, ...rest } = filter;
    return there ? rest : { ...rest, due: value as 'today' | 'soon' };
  }
  // The values of status and SLA come from the lists above, so they are of the field's own type.
  return { ...filter, [field]: there ? chosen.filter((other) => other !== value) : [...chosen, value] } as BatchFilter;
}

/** The filter with another first and last day of the expected return date; undefined leaves that end open. */
export function dated(filter: BatchFilter, from: string | undefined, to: string | undefined): BatchFilter {
  const { from: _from, to: _to, ...rest } = filter;
  return { ...rest, ...(from ? { from } : {}), ...(to ? { to } : {}) };
}

/** The filter without a field. */
export function without(filter: BatchFilter, field: FilterField): BatchFilter {
  if (field === 'dates') return dated(filter, undefined, undefined);
  if (field === 'due' || field === 'part') {
    const { [field]: _, ...rest } = filter;
    return rest;
  }
  return { ...filter, [field]: [] };
}
