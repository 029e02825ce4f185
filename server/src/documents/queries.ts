import { keyTitle } from '@opsboard/shared/keys/words';
import type { Connection } from 'mongoose';
import type { Batch } from '@opsboard/shared/batches/schema';
import { productName } from '@opsboard/shared/organization/settings';
import type { Audience } from '@opsboard/shared/protocol/audiences';
import { seesAny } from '@opsboard/shared/protocol/audiences';
import type { Kind, Records } from '@opsboard/shared/protocol/kinds';
import { namesFor } from '../batches/queries.ts';
import { filesIn } from '../files/store.ts';
import type { OrgState } from '../journal/org-state.ts';
import { readRecord } from '../journal/read-record.ts';
import { labelsOf, recordsOf } from '../parts/queries.ts';
import type { LabelsData } from './labels.ts';
import type { ManifestData, ManifestPart } from './manifest-data.ts';

type Source = { connection: Connection; state: OrgState; audience: Audience };

/** The batch of a manifest: sealed at some time, and it knows when. */
export type SealedBatch = Batch & { steps: { sealed: { at: number; by: string; count?: number } } };

/** Whether a batch was sealed, and not taken back to the draft that it was. */
export const isSealed = (batch: Batch): batch is SealedBatch =>
  batch.status !== 'draft' && batch.steps.sealed !== undefined;

/** What a manifest says of a batch that the audience sees, as of now. */
export async function readManifest(source: Source, batch: SealedBatch, now: number): Promise<ManifestData> {
  const organization = source.state.get('organization', source.state.org);
  const [customer, center, branch, driver, sealedBy, parts, from, logo] = await Promise.all([
    read(source, 'customer', batch.customer),
    read(source, 'center', batch.center),
    read(source, 'branch', batch.branch),
    batch.driver === undefined ? undefined : personName(source, batch.driver),
    personName(source, batch.steps.sealed.by),
    readParts(source, batch),
    batch.splitFrom === undefined ? undefined : read(source, 'batch', batch.splitFrom),
    organization?.logo === undefined ? undefined : readLogo(source, organization.logo),
  ]);
  const { handover } = batch;
  const { at, count } = batch.steps.sealed;
  return {
    organization: organization?.name ?? '',
    product: productName(organization),
    ...(logo && { logo }),
    timeZone: organization?.timeZone ?? 'UTC',
    reference: batch.reference,
    customer: customer?.name ?? '',
    center: {
      name: center?.name ?? '',
      ...(center?.address === undefined ? {} : { address: center.address }),
      ...(center?.phone === undefined ? {} : { phone: center.phone }),
    },
    branch: branch?.name ?? '',
    ...(driver === undefined ? {} : { driver }),
    dueAt: batch.dueAt,
    sealed: { at, by: sealedBy, ...(count === undefined ? {} : { count }) },
    ...(handover
      ? {
          handover: {
            at: handover.at,
            by: await personName(source, handover.by),
            to: await personName(source, handover.to),
          },
        }
      : {}),
    ...(from && seesAny(source.audience, 'batch', from) ? { splitFrom: from.reference } : {}),
    parts,
    at: now,
  };
}

/**
 * What the labels of a batch's parts say. `wanted` chooses parts and their order; without it, all that are still to
 * come back.
 */
export async function readLabels(
  source: Source,
  batch: Batch,
  wanted: readonly string[] | undefined,
  now: number,
): Promise<LabelsData> {
  const [customer, center, parts] = await Promise.all([
    read(source, 'customer', batch.customer),
    read(source, 'center', batch.center),
    readParts(source, batch),
  ]);
  const organization = source.state.get('organization', source.state.org);
  const byId = new Map(parts.map((part) => [part.id, part]));
  const chosen = wanted
    ? [...new Set(wanted)].flatMap((id) => byId.get(id) ?? [])
    : parts.filter(({ out }) => out === undefined);
  return {
    organization: organization?.name ?? '',
    product: productName(organization),
    batch: { reference: batch.reference, customer: customer?.name ?? '', center: center?.name ?? '' },
    parts: chosen.map(({ id, label }) => ({ id, ...(label === undefined ? {} : { label }) })),
    at: now,
  };
}

/**
 * What labels of parts say by what is on record of them, in the order of `wanted`.
 *
 * @returns the part IDs that are not on record, when there are such
 */
export async function readPartLabels(
  { connection, state, audience }: Source,
  wanted: readonly string[],
  now: number,
): Promise<LabelsData | { missing: string[] }> {
  const known = await recordsOf(connection, state.org, wanted);
  const ids = [...new Set(wanted)];
  const missing = ids.filter((id) => !known.has(id));
  if (missing.length > 0) return { missing };
  const organization = state.get('organization', state.org);
  const nameOf = namesFor(state, audience);
  return {
    organization: organization?.name ?? '',
    product: productName(organization),
    parts: ids.map((id) => {
      const { label, customer } = known.get(id)!;
      return { id, label, ...(customer === undefined ? {} : { customer: nameOf('customer', customer) }) };
    }),
    at: now,
  };
}

/** The parts in the order in which people look for them: P-9 before P-10, as on the screens. */
async function readParts({ connection, state }: Source, batch: Batch): Promise<ManifestPart[]> {
  const labels = await labelsOf(connection, state.org, Object.keys(batch.parts));
  const order = new Intl.Collator('en', { numeric: true });
  return Object.entries(batch.parts)
    .sort(([a], [b]) => order.compare(a, b))
    .map(([id, { out }]) => {
      const label = Object.hasOwn(labels, id) ? labels[id] : undefined;
      return {
        id,
        ...(label === undefined ? {} : { label }),
        ...(out ? { out: { how: out.how, at: out.at } } : {}),
      };
    });
}

/** The organization's logo, where paper can show it: a WebP is for screens. */
async function readLogo({ connection, state }: Source, id: string): Promise<Buffer | undefined> {
  const file = await filesIn(connection).findOne({ _id: id, org: state.org });
  return file && (file.type === 'image/png' || file.type === 'image/jpeg') ? Buffer.from(file.data.buffer) : undefined;
}

/** A record that may have left the live set meanwhile: an old batch keeps the names that it had. */
const read = <K extends Kind>({ connection, state }: Source, kind: K, id: string): Promise<Records[K] | undefined> =>
  readRecord(connection, state, kind, id);

/** Whoever holds the paper reads who sealed and who took over, a driver too: it stands there to be signed beside. */
async function personName(source: Source, id: string): Promise<string> {
  const person = await read(source, 'person', id);
  if (person) return person.name;
  const key = await read(source, 'apiKey', id);
  return key ? keyTitle(key.name) : 'the system';
}
