import type { Collation } from '../query/collation.ts';
import type { Missing, Value } from '../values/index.ts';

/** An expression, ready to use: takes the document, gives a value or MISSING. */
export type Expr = (root: Value) => Value | Missing;

/**
 * What names mean while expressions are compiled. Variables live in numbered slots shared by one command: binding writes
 * a slot, reading reads it, and nothing is allocated per document. Evaluation never yields, so that slots written for
 * one document are never seen by another.
 */
export interface Scope {
  readonly slots: (Value | Missing)[];
  readonly names: ReadonlyMap<string, number>;
  /** `$$NOW`, one moment per command. */
  readonly now: Date;
  /** `$$CLUSTER_TIME`, where the command has one. */
  readonly clusterTime: Value;
  readonly collation: Collation | undefined;
  /** Set inside `$redact`: `$$DESCEND`, `$$PRUNE` and `$$KEEP` are known there. */
  readonly redact: boolean;
  /** Told what expressions look at, where somebody wants to know; see `FieldUse`. */
  readonly uses: FieldUse | undefined;
}

/** The fields at the top of the documents that compiled expressions look at. */
export interface FieldUse {
  readonly fields: Set<string>;
  /** Whether something looks at whole documents. */
  whole: boolean;
}

/** Nothing is looked at yet. */
export function noUse(): FieldUse {
  return { fields: new Set(), whole: false };
}

/** Notes that fields are looked at; undefined stands for the whole document. */
export function noteUse(scope: Scope, fields: Iterable<string> | undefined): void {
  if (!scope.uses) return;
  if (fields) for (const field of fields) scope.uses.fields.add(field);
  else scope.uses.whole = true;
}

/** What a command says for all of its expressions. */
export interface ScopeOptions {
  readonly now?: Date | undefined;
  readonly clusterTime?: Value;
  readonly collation?: Collation | undefined;
}

/** A scope without variables. */
export function emptyScope(options: ScopeOptions = {}): Scope {
  return {
    slots: [],
    names: new Map(),
    now: options.now ?? new Date(),
    clusterTime: options.clusterTime,
    collation: options.collation,
    redact: false,
    uses: undefined,
  };
}

/** A scope in which further variables are known, and the slots that they got. */
export function bind(scope: Scope, names: readonly string[]): { readonly scope: Scope; readonly slots: number[] } {
  const all = new Map(scope.names);
  const slots = names.map((name) => {
    const slot = scope.slots.push(null) - 1;
    all.set(name, slot);
    return slot;
  });
  return { scope: { ...scope, names: all }, slots };
}
