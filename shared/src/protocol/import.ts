import { decideCreate } from '../batches/decide.ts';
import type { Batch, CreateBatch } from '../batches/schema.ts';
import { directoryDeciders } from '../directory/decide.ts';
import type {
  CreateBranch,
  CreateCenter,
  CreateCustomer,
  CreateTeam,
  CreateVendor,
  CreateWarehouse,
  EditBranch,
  EditCenter,
  EditCustomer,
  EditTeam,
  EditVendor,
  EditWarehouse,
} from '../directory/schema.ts';
import { decideCreatePart, decideEditPart } from '../parts/decide.ts';
import type { CreatePart, EditPart } from '../parts/schema.ts';
import type { Decide, Decision, RecordChange, StateView } from './decision.ts';
import { change, refuse } from './decision.ts';
import type { AnyRecord, Kind, Records } from './kinds.ts';
import { patched } from './patch.ts';

/** The most commands one import is made of: it is one transaction. */
export const mostImported = 10_000;

/** One row of an import, as the command that it comes to. */
export type Imported =
  | { name: 'branch.create'; args: CreateBranch }
  | { name: 'branch.edit'; args: EditBranch }
  | { name: 'warehouse.create'; args: CreateWarehouse }
  | { name: 'warehouse.edit'; args: EditWarehouse }
  | { name: 'vendor.create'; args: CreateVendor }
  | { name: 'vendor.edit'; args: EditVendor }
  | { name: 'customer.create'; args: CreateCustomer }
  | { name: 'customer.edit'; args: EditCustomer }
  | { name: 'center.create'; args: CreateCenter }
  | { name: 'center.edit'; args: EditCenter }
  | { name: 'team.create'; args: CreateTeam }
  | { name: 'team.edit'; args: EditTeam }
  | { name: 'part.create'; args: CreatePart }
  | { name: 'part.edit'; args: EditPart }
  | { name: 'batch.create'; args: CreateBatch };
export type Import = { commands: Imported[] };

const rules: { readonly [N in Imported['name']]: unknown } = {
  ...directoryDeciders,
  'part.create': decideCreatePart,
  'part.edit': decideEditPart,
  'batch.create': decideCreate,
};

/** All of the commands, each on top of what the ones before it made, or none: the first refusal is the answer. */
export const decideImport: Decide<Import> = (state, args, context) => {
  const view = new Layer(state, context.principal.org);
  const changes: RecordChange[] = [];
  /** Routes that hear of several of their places change once. */
  const routes = new Map<string, number>();
  for (const [index, { name, args: given }] of args.commands.entries()) {
    // The list above pairs each name with the rule for its args.
    const decision: Decision = (rules[name] as Decide<unknown>)(view, given, context);
    if (!decision.ok) {
      const { code, message, field, details } = decision.error;
      return refuse(code, message, { ...(field === undefined ? {} : { field }), details: { ...details, index } });
    }
    for (const one of decision.changes) {
      view.apply(one);
      const before = one.kind === 'route' ? routes.get(one.id) : undefined;
      if (before !== undefined) {
        changes[before] = { ...changes[before]!, set: { ...changes[before]!.set, ...one.set } };
        continue;
      }
      if (one.kind === 'route') routes.set(one.id, changes.length);
      changes.push({ ...one, verb: name });
    }
  }
  return change(...changes);
};

/** A state with what the import has made so far on top. */
class Layer implements StateView {
  readonly #state: StateView;
  readonly #org: string;
  readonly #records = new Map<string, AnyRecord>();
  readonly #parts = new Map<string, { id: string; reference: string }>();

  constructor(state: StateView, org: string) {
    this.#state = state;
    this.#org = org;
  }

  get<K extends Kind>(kind: K, id: string): Records[K] | undefined {
    return (this.#records.get(`${kind}/${id}`) as Records[K] | undefined) ?? this.#state.get(kind, id);
  }

  *all<K extends Kind>(kind: K): Iterable<Records[K]> {
    for (const record of this.#state.all(kind)) if (!this.#records.has(`${kind}/${record.id}`)) yield record;
    for (const [key, record] of this.#records) if (key.startsWith(`${kind}/`)) yield record as Records[K];
  }

  openBatchOf(part: string): { id: string; reference: string } | undefined {
    return this.#parts.get(part) ?? this.#state.openBatchOf(part);
  }

  entriesOf(): readonly [] {
    return [];
  }

  /** Nothing that an import is made of asks for it. */
  pointingAt(): undefined {
    return undefined;
  }

  apply({ kind, id, set, unset }: RecordChange): void {
    const before = this.get(kind, id) ?? ({ id, org: this.#org, rev: 0 } as AnyRecord);
    const after = { ...patched(before, set, unset), rev: before.rev + 1 } as AnyRecord;
    this.#records.set(`${kind}/${id}`, after);
    if (kind !== 'batch') return;
    const { parts, reference } = after as Batch;
    for (const part in parts) this.#parts.set(part, { id, reference });
  }
}
