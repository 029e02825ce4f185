import type { Batch } from '../batches/schema.ts';
import type { ApiKey } from '../keys/schema.ts';
import type { Branch, Center, Customer, Team, Vendor, Warehouse } from '../directory/schema.ts';
import type { Message } from '../messages/schema.ts';
import type { Organization } from '../organization/schema.ts';
import type { Part } from '../parts/schema.ts';
import type { Link } from '../people/link-schema.ts';
import type { Person, Session } from '../people/schema.ts';
import type { Route } from '../routes/schema.ts';
import type { Template } from '../templates/schema.ts';
import type { SavedView } from '../views/schema.ts';

/** Every kind of record there is, with its type. */
export type Records = {
  organization: Organization;
  branch: Branch;
  warehouse: Warehouse;
  vendor: Vendor;
  customer: Customer;
  center: Center;
  team: Team;
  person: Person;
  session: Session;
  link: Link;
  batch: Batch;
  route: Route;
  template: Template;
  savedView: SavedView;
  part: Part;
  message: Message;
  apiKey: ApiKey;
};

/** A record's kind, as it stands in entries and frames. */
export type Kind = keyof Records;
export type AnyRecord = Records[Kind];

type KindRule = {
  /** Personal fields: only named in entries (`touched`); live and catch-up read them from the record. */
  personal: readonly string[];
  /** Secret fields: stored on the record, named in entries, and never sent to any client. */
  secret: readonly string[];
  /** Whether clients hold records of this kind at all. */
  live: boolean;
  /** Set where archived records stay in the live set: what points at them goes on naming them. */
  stays?: true;
};

/** What the flow must know of each kind without knowing the feature. */
export const kinds: { readonly [K in Kind]: KindRule } = {
  organization: { personal: [], secret: [], live: true },
  person: {
    personal: ['name', 'email', 'phone', 'external'],
    secret: ['passwordHash', 'linksSince', 'totp', 'recoveryHashes'],
    live: true,
  },
  branch: { personal: [], secret: [], live: true, stays: true },
  warehouse: { personal: [], secret: [], live: true, stays: true },
  vendor: { personal: ['contactEmail', 'contactPhone'], secret: [], live: true, stays: true },
  customer: { personal: ['contactEmail', 'contactPhone', 'address', 'position'], secret: [], live: true, stays: true },
  center: { personal: [], secret: [], live: true, stays: true },
  team: { personal: [], secret: [], live: true, stays: true },
  session: { personal: ['device'], secret: ['tokenHash'], live: false },
  // Read one by one, by those who look after people; nobody holds them.
  link: { personal: [], secret: ['tokenHash'], live: false },
  batch: { personal: [], secret: [], live: true },
  // What a driver must know of each place, and who received: both name people.
  route: { personal: ['places', 'receivers'], secret: [], live: true },
  template: { personal: [], secret: [], live: true },
  savedView: { personal: [], secret: [], live: true },
  // Far more than open batches name: read where they are looked at.
  part: { personal: [], secret: [], live: false },
  message: { personal: ['to', 'subject', 'text'], secret: [], live: false },
  apiKey: { personal: [], secret: ['tokenHash'], live: true },
};

export const allKinds = Object.keys(kinds) as readonly Kind[];

/**
 * Whether a record belongs to the live set, the set that every client holds and over which replicas are compared:
 * open records, closed ones that are not archived yet, and the whole directory.
 */
export function inLiveSet(kind: Kind, record: { archivedAt?: number | undefined } | AnyRecord): boolean {
  const { live, stays } = kinds[kind];
  return live && (stays === true || (record as { archivedAt?: number }).archivedAt === undefined);
}
