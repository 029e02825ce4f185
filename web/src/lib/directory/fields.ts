import { sameValue } from '@opsboard/shared/protocol/patch';
import { weekdays, weekdayWords } from '@opsboard/shared/time/weekdays';
import { readWeek, weekOf, type Hours, type Week } from '#lib/time/week.ts';

/** How a field is filled in. */
export type FieldType =
  | 'text'
  | 'sla'
  | 'email'
  | 'tel'
  | 'language'
  | 'zone'
  | 'position'
  | 'hours'
  | 'holidays'
  | 'branch'
  | 'branches'
  | 'people';

/** One field of a form. `most` is its longest text. */
export type FieldDef = {
  key: string;
  label: string;
  type: FieldType;
  needed?: true;
  most?: number;
  hint?: string;
  placeholder?: string;
};

export type Holiday = { date: string; name: string };
/** Latitude and longitude as they are typed. */
export type Point = { lat: string; lng: string };

/** What a form holds of a field: texts, lists, a week. */
export type FormValue = string | readonly string[] | readonly Holiday[] | Week | Point | undefined;

/** Splits what a map gives on "copy": `53.551, 9.993`. Undefined: not two numbers. */
export function pointFrom(text: string): Point | undefined {
  const found = /^\s*\(?\s*(-?\d{1,2}(?:\.\d+)?)°?\s*[,;\s]\s*(-?\d{1,3}(?:\.\d+)?)°?\s*\)?\s*$/.exec(text);
  return found ? { lat: found[1]!, lng: found[2]! } : undefined;
}

/** What a form shows of a field's value. */
export function shown(type: FieldType, value: unknown): FormValue {
  switch (type) {
    case 'hours':
      return value === undefined ? undefined : weekOf(value as Hours);
    case 'holidays':
      return [...((value as readonly Holiday[] | undefined) ?? [])];
    case 'position': {
      const [lng, lat] = (value as readonly [number, number] | undefined) ?? [];
      return { lat: lat === undefined ? '' : String(lat), lng: lng === undefined ? '' : String(lng) };
    }
    case 'branches':
    case 'people':
      return [...((value as readonly string[] | undefined) ?? [])];
    default:
      return value === undefined ? '' : String(value);
  }
}

/** What a form comes to: a value, null for none, or what is wrong with it. */
export type Read = { value: unknown } | { wrong: string };

const asText = (form: FormValue): string => (form as string).trim();

/** Reads a field as it was filled in. */
export function read({ type, needed, label }: FieldDef, form: FormValue, zones: ReadonlySet<string>): Read {
  switch (type) {
    case 'sla': {
      const hours = Number(asText(form));
      return asText(form) !== '' && Number.isInteger(hours) && hours >= 1 && hours <= 2160
        ? { value: hours }
        : { wrong: 'The contracted turnaround is a whole number of hours, from 1 to 2160.' };
    }
    case 'hours': {
      if (form === undefined) return { value: null };
      const week = readWeek(form as Week);
      return 'wrong' in week ? week : { value: week.hours };
    }
    case 'holidays':
      return readHolidays(form as readonly Holiday[]);
    case 'position':
      return readPoint(form as Point);
    case 'branches':
      return { value: (form as readonly string[]).length === 0 ? null : [...(form as readonly string[])] };
    case 'people':
      return { value: [...(form as readonly string[])] };
    default: {
      const text = asText(form);
      if (text === '') return needed ? { wrong: `${label} is needed.` } : { value: null };
      const wrong = wrongText(type, text, zones);
      return wrong === undefined ? { value: text } : { wrong };
    }
  }
}

function wrongText(type: FieldType, text: string, zones: ReadonlySet<string>): string | undefined {
  switch (type) {
    case 'email':
      return /^\S+@\S+\.\S+$/.test(text) ? undefined : 'Type an e-mail address, as desk@company.com.';
    case 'tel':
      return /^\+?[0-9 ()./-]{4,30}$/.test(text) ? undefined : 'Type a telephone number, as +49 30 1234567.';
    case 'language':
      return /^[a-z]{2}(-[A-Z]{2})?$/.test(text) ? undefined : 'Type a language as en or pt-BR.';
    case 'zone':
      return zones.has(text) ? undefined : 'Choose a time zone of the list, as Europe/Berlin.';
    default:
      return undefined;
  }
}

function readHolidays(list: readonly Holiday[]): Read {
  const kept = list.filter(({ date, name }) => date !== '' || name.trim() !== '');
  const half = kept.find(({ date, name }) => date === '' || name.trim() === '');
  if (half) return { wrong: 'A holiday has a day and a name.' };
  const days = kept.map(({ date, name }) => ({ date, name: name.trim() }));
  const twice = days.find(({ date }, i) => days.findIndex((other) => other.date === date) !== i);
  if (twice) return { wrong: `${twice.date} is listed twice.` };
  return { value: days.length === 0 ? null : days.toSorted((a, b) => (a.date < b.date ? -1 : 1)) };
}

function readPoint({ lat, lng }: Point): Read {
  if (lat.trim() === '' && lng.trim() === '') return { value: null };
  const [y, x] = [lat, lng].map((text) => (text.trim() === '' ? Number.NaN : Number(text.trim().replace(',', '.'))));
  if (!(Math.abs(y!) <= 90)) return { wrong: 'Latitude is a number from -90 to 90, as 53.551.' };
  if (!(Math.abs(x!) <= 180)) return { wrong: 'Longitude is a number from -180 to 180, as 9.993.' };
  return { value: [x, y] };
}

/** What a value is called in a sentence about it. */
export function told(
  type: FieldType,
  value: unknown,
  nameOf: (kind: 'branch' | 'person', id: string) => string,
): string {
  if (value === undefined || value === null) return 'nothing';
  switch (type) {
    case 'sla':
      return `${String(value)} h`;
    case 'hours': {
      const open = weekdays.filter((day) => (value as Hours)[day] !== undefined);
      return open.length === 0
        ? 'always closed'
        : `open on ${open.map((day) => weekdayWords[day].slice(0, 3)).join(', ')}`;
    }
    case 'holidays':
      return `${(value as readonly Holiday[]).length} days`;
    case 'position':
      return (value as readonly number[]).toReversed().join(', ');
    case 'branch':
      return nameOf('branch', value as string);
    case 'branches':
      return (value as readonly string[]).map((id) => nameOf('branch', id)).join(', ');
    case 'people':
      return (value as readonly string[]).map((id) => nameOf('person', id)).join(', ') || 'nobody';
    default:
      return String(value);
  }
}

/** Whether two values of a form are the same. */
export const sameForm = (a: FormValue, b: FormValue): boolean => sameValue(a, b);
