import { timeZones } from '#lib/time/zones.ts';
import { read, sameForm, shown, told, type FieldDef, type FormValue } from './fields.ts';
import type { Look } from './kinds.ts';

type Fields = { readonly [key: string]: unknown };
/** A record that a form is about: what it is changed from. */
export type Base = Fields & { readonly rev: number };

/** What somebody else changed while the form was open. `mine`: this form changes it too, and keeps what was typed. */
export type Theirs = { key: string; label: string; words: string; form: FormValue; mine: boolean };

const zones: ReadonlySet<string> = new Set(timeZones);

/**
 * What is being typed into the form of a record, on top of the record. When the record changes meanwhile, fields that
 * were left alone follow it, and those that were not keep what was typed.
 */
export class Draft {
  readonly fields: readonly FieldDef[];
  values = $state<{ [key: string]: FormValue }>({});
  wrong = $state.raw<{ [key: string]: string }>({});
  theirs = $state.raw<readonly Theirs[]>([]);
  #base: Base | undefined;

  constructor(fields: readonly FieldDef[], base?: Base) {
    this.fields = fields;
    this.#base = base;
    for (const { key, type } of fields) this.values[key] = shown(type, base?.[key]);
  }

  /** The version that a change names. */
  get rev(): number {
    return this.#base?.rev ?? 0;
  }

  readonly #changedIn = (base: Fields | undefined, { key, type }: FieldDef): boolean =>
    !sameForm($state.snapshot(this.values[key]) as FormValue, shown(type, base?.[key]));

  /** Whether there is something to save. */
  get dirty(): boolean {
    return this.fields.some((field) => this.#changedIn(this.#base, field));
  }

  /** The record is another one now: takes over what was left alone here. */
  rebase(now: Base, look: Look): void {
    const before = this.#base;
    if (!before || now.rev === before.rev) return;
    const news = new Map(this.theirs.map((one) => [one.key, one]));
    for (const field of this.fields) {
      const { key, type, label } = field;
      const form = shown(type, now[key]);
      if (sameForm(shown(type, before[key]), form)) continue;
      const mine = this.#changedIn(before, field) && !sameForm($state.snapshot(this.values[key]) as FormValue, form);
      if (!mine) this.values[key] = form;
      news.set(key, { key, label, words: told(type, now[key], look.nameOf), form, mine });
    }
    this.theirs = [...news.values()];
    this.#base = now;
  }

  /** Gives up what was typed into a field for what somebody else wrote. */
  take({ key, form }: Theirs): void {
    this.values[key] = form;
    this.theirs = this.theirs.map((one) => (one.key === key ? { ...one, mine: false } : one));
  }

  /**
   * What was filled in, as the fields of a command: those that differ from the record, or, for a new one, all that hold
   * something. Undefined when something is wrong; that is then in `wrong`.
   */
  read(): { [key: string]: unknown } | undefined {
    const wrong: { [key: string]: string } = {};
    const made: { [key: string]: unknown } = {};
    for (const field of this.fields) {
      const result = read(field, $state.snapshot(this.values[field.key]) as FormValue, zones);
      if ('wrong' in result) {
        // What was there before and is left alone is not this form's to judge.
        if (!this.#base || this.#changedIn(this.#base, field)) wrong[field.key] = result.wrong;
      } else if (this.#base ? this.#changedIn(this.#base, field) : result.value !== null)
        made[field.key] = result.value;
    }
    this.wrong = wrong;
    return Object.keys(wrong).length === 0 ? made : undefined;
  }
}
