import type { Organization } from '@opsboard/shared/organization/schema';
import type { ArgsOf } from '@opsboard/shared/protocol/deciders';
import { sameValue } from '@opsboard/shared/protocol/patch';
import { app } from '#lib/app.ts';
import { toasts } from '#lib/toasts/toasts.svelte.ts';

type Edit = Omit<ArgsOf<'organization.edit'>, 'id' | 'rev'>;

/**
 * What is typed into one section of the organization's settings. While nothing is typed it follows the record; what is
 * typed stays when somebody else changes the same, and says so.
 */
export class Draft<T extends object> {
  values: T = $state({} as T);
  /** A refusal, by the field it is about; `''` for the section. */
  refused = $state.raw<{ field: string; text: string } | undefined>(undefined);
  busy = $state(false);
  #base = $state.raw<T>({} as T);
  #theirs = $state.raw<T | undefined>(undefined);
  #rev = 0;
  readonly #read: (organization: Organization) => T;
  readonly #edit: (values: T) => Edit;
  readonly #check: (values: T) => { field: string; text: string } | undefined;

  /**
   * @param read the values on record
   * @param edit the fields that are saved
   * @param check what is wrong with what is typed
   */
  constructor(
    read: (organization: Organization) => T,
    edit: (values: T) => Edit,
    check: (values: T) => { field: string; text: string } | undefined = () => undefined,
  ) {
    this.#read = read;
    this.#edit = edit;
    this.#check = check;
  }

  get dirty(): boolean {
    return !sameValue($state.snapshot(this.values), this.#base);
  }

  /** Somebody else saved the same section while something was typed here. */
  get overtaken(): boolean {
    return this.#theirs !== undefined;
  }

  said(field: string): string | undefined {
    return this.refused?.field === field ? this.refused.text : undefined;
  }

  /** The record as it is now. To be called whenever it may have changed. */
  follow(organization: Organization): void {
    // What is being saved shows already, and may yet be refused.
    if (this.busy) return;
    const now = this.#read(organization);
    if (sameValue(now, this.#base)) this.#rev = organization.rev;
    else if (!this.dirty) this.#take(now, organization.rev);
    else this.#theirs = now;
  }

  /** Goes back to what is on record. */
  reset(): void {
    this.#take(this.#theirs ?? this.#base, app.organization?.rev ?? this.#rev);
  }

  #take(values: T, rev: number): void {
    this.values = structuredClone(values);
    this.#base = values;
    this.#theirs = undefined;
    this.#rev = rev;
    this.refused = undefined;
  }

  /** Whether what is typed can be saved; says what is wrong. */
  check(): boolean {
    this.refused = this.#check($state.snapshot(this.values) as T);
    return this.refused === undefined;
  }

  /** @returns whether it was saved */
  async save(what: string): Promise<boolean> {
    const organization = app.organization;
    if (!organization || this.busy) return false;
    const values = $state.snapshot(this.values) as T;
    if (!this.check()) return false;
    this.busy = true;
    const result = await app.send('organization.edit', {
      id: organization.id,
      rev: this.#rev,
      ...this.#edit(values),
    });
    this.busy = false;
    if (!result.ok) {
      const { code, field, message } = result.error;
      this.refused = { field: field?.replace(/^args\./, '').split('.')[0] ?? '', text: message };
      // Seen now as it is: saving again means it.
      if (code === 'rev_conflict') this.#rev = app.organization?.rev ?? this.#rev;
      return false;
    }
    const saved = app.organization;
    if (saved) this.#take(this.#read(saved), saved.rev);
    toasts.show({
      kind: 'done',
      about: `settings-${what}`,
      title: `${what} saved`,
      text: 'On every screen from now on.',
    });
    return true;
  }

  /** Keeps what is typed although somebody else changed it: saving replaces theirs. */
  insist(): void {
    if (this.#theirs) this.#base = this.#theirs;
    this.#theirs = undefined;
    this.#rev = app.organization?.rev ?? this.#rev;
    this.refused = undefined;
  }
}
