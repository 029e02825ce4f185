import { z } from 'zod';
import { audienceOf, viewOf } from '@opsboard/shared/protocol/audiences';
import type { ReadName } from '@opsboard/shared/protocol/rights';
import type { DirectoryKind } from '@opsboard/shared/directory/kinds';
import { branch, center, customer, team, vendor, warehouse } from '@opsboard/shared/directory/schema';
import { personShown } from '@opsboard/shared/people/schema';
import type { Endpoint } from '../ingress/endpoint.ts';
import { endpoint, ok } from '../ingress/endpoint.ts';
import type { Journal } from '../journal/journal.ts';

/** What may be left out of a record for some audiences. */
const seen = <T extends z.ZodRawShape>(schema: z.ZodObject<T>, hidden: readonly (keyof T & string)[]) =>
  schema.partial(Object.fromEntries(hidden.map((name) => [name, true])) as never);

const query = z.strictObject({
  archived: z
    .enum(['true', 'false'])
    .optional()
    .meta({ description: '`true`: archived ones too. They have `archivedAt`.' }),
});

/** Every kind of the directory, and people, by name, as the asker sees them. */
export function directoryEndpoints({ journal }: { journal: Journal }): Endpoint[] {
  const list = (kind: DirectoryKind | 'person', plural: string, words: string, access: ReadName, schema: z.ZodType) =>
    endpoint({
      method: 'get',
      path: `/api/${plural}`,
      tag: 'Directory',
      summary: `List ${words}`,
      access,
      query,
      answer: {
        status: 200,
        description: `All ${words} you can see, by name.`,
        schema: z.object({ [plural]: z.array(schema) }),
      },
      handle: async ({ who, query: { archived } }) => {
        const state = await journal.org(who.org);
        const audience = audienceOf(who);
        const records: { name: string }[] = [];
        for (const record of state.all(kind)) {
          if (record.archivedAt !== undefined && archived !== 'true') continue;
          const view = viewOf(audience, kind, record as never);
          if (view) records.push(view as { name: string });
        }
        records.sort((a, b) => a.name.localeCompare(b.name, 'en'));
        return ok({ [plural]: records });
      },
    });
  const contacts = ['contactEmail', 'contactPhone'] as const;
  return [
    list('branch', 'branches', 'branches', 'directory.read', branch),
    list('warehouse', 'warehouses', 'warehouses', 'directory.read', warehouse),
    list('vendor', 'vendors', 'vendors', 'directory.read', seen(vendor, contacts)),
    list('customer', 'customers', 'customers', 'directory.read', seen(customer, [...contacts, 'address', 'position'])),
    list('center', 'centers', 'service centers', 'directory.read', center),
    list('team', 'teams', 'teams', 'directory.read', team),
    list('person', 'people', 'people', 'people.read', seen(personShown, ['email', 'phone', 'branches'])),
  ];
}
