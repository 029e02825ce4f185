import { momentAt } from '@opsboard/shared/time/days';

/** A moment as a cell names it; `day` when it names a calendar day only, which then ends it. */
export type Moment = { at: number; day?: string };

const two = (text: string): string => text.padStart(2, '0');

/**
 * Reads `2026-10-15 14:30`, `15.10.2026 14:30` or a day alone on the wall clock of a zone, and moments with an offset
 * of their own (`2026-10-15T14:30:00Z`). Undefined for anything else: 10/11/2026 is two days, depending on who wrote it.
 */
export function readMoment(text: string, zone: string): Moment | undefined {
  if (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text)) {
    const at = Date.parse(text);
    return Number.isNaN(at) ? undefined : { at };
  }
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]+(\d{1,2}):(\d{2})(?::\d{2})?)?$/.exec(text);
  const dotted = /^(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[ ,]+(\d{1,2}):(\d{2})(?::\d{2})?)?$/.exec(text);
  const [year, month, day] = iso ? [iso[1], iso[2], iso[3]] : dotted ? [dotted[3], dotted[2], dotted[1]] : [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const date = `${year}-${two(month)}-${two(day)}`;
  const real = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(real.getTime()) || real.toISOString().slice(0, 10) !== date) return undefined;
  const [hour, minute] = [(iso ?? dotted)?.[4], (iso ?? dotted)?.[5]];
  if (hour === undefined) return { at: momentAt(date, 23 * 60 + 59, zone), day: date };
  return Number(hour) > 23 || Number(minute) > 59
    ? undefined
    : { at: momentAt(date, Number(hour) * 60 + Number(minute), zone) };
}
