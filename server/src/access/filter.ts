import type { Connection } from 'mongoose';
import { z } from 'zod';
import type { AccessVerb } from '@opsboard/shared/access/verbs';
import { accessVerbs } from '@opsboard/shared/access/verbs';
import { allKinds } from '@opsboard/shared/protocol/kinds';
import { uuidv7Pattern } from '@opsboard/shared/protocol/ids';
import { dateAfter, momentAt } from '@opsboard/shared/time/days';
import type { OrgState } from '../journal/org-state.ts';
import { collectionOf } from '../journal/stored.ts';

/** What the list is narrowed by; everything given must hold. Times in milliseconds, `to` excluded. */
export type AccessFilter = {
  actor?: { type: string; id?: string };
  kind?: string;
  /** A record's id. */
  record?: string;
  what: readonly AccessVerb[];
  from?: number;
  to?: number;
};

const day = (which: string) => z.iso.date().optional().meta({ description: which });

/** The parameters of the page's own address. */
export const accessShape = {
  who: z
    .string()
    .regex(/^(person|key|system)(:[0-9A-Za-z-]{1,60})?$/, 'must be as person:<id>, key:<id>, key or system')
    .optional()
    .meta({ description: '`person:<id>`, `key:<id>`, `system:<name>`; or all of a sort: `person`, `key`, `system`.' }),
  kind: z.enum(['access', ...allKinds]).optional(),
  record: z
    .string()
    .trim()
    .min(1)
    .max(60)
    .optional()
    .meta({ description: 'The id of a record, or the reference of a batch.' }),
  what: z
    .preprocess(
      (given) => (typeof given === 'string' ? given.split(',') : given),
      z.array(z.enum(accessVerbs)).min(1).max(accessVerbs.length),
    )
    .optional()
    .meta({ description: 'Repeat the parameter, or separate values by commas.' }),
  from: day('First day, in the organization’s time zone.'),
  to: day('Last day.'),
};
type AccessQuery = z.infer<z.ZodObject<typeof accessShape>>;

/** The filter that a query asks for; undefined when it names a batch that there is not: then nothing fits. */
export async function accessFilterOf(
  connection: Connection,
  state: OrgState,
  { who, kind, record, what, from, to }: AccessQuery,
): Promise<AccessFilter | undefined> {
  const zone = state.get('organization', state.org)?.timeZone ?? 'UTC';
  const [type, id] = who?.split(':') ?? [];
  let named: string | undefined;
  if (record !== undefined) {
    named = uuidv7Pattern.test(record.toLowerCase()) ? record.toLowerCase() : await batchOf(connection, state, record);
    if (named === undefined) return undefined;
  }
  return {
    ...(type === undefined ? {} : { actor: { type, ...(id === undefined ? {} : { id }) } }),
    ...(kind === undefined ? {} : { kind }),
    ...(named === undefined ? {} : { record: named }),
    what: what ?? accessVerbs,
    ...(from === undefined ? {} : { from: momentAt(from, 0, zone) }),
    ...(to === undefined ? {} : { to: momentAt(dateAfter(to, 1), 0, zone) }),
  };
}

async function batchOf(connection: Connection, state: OrgState, reference: string): Promise<string | undefined> {
  const wanted = reference.toUpperCase();
  for (const batch of state.all('batch')) if (batch.reference === wanted) return batch.id;
  const found = await connection
    .collection<{ _id: string }>(collectionOf.batch)
    .findOne({ org: state.org, reference: wanted } as object, { projection: { _id: 1 } });
  return found?._id;
}
