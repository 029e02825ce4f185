import { z } from 'zod';
import { errorTable } from '@opsboard/shared/protocol/errors';
import { id, line, rev, time } from '@opsboard/shared/protocol/scalars';
import { allKinds } from '@opsboard/shared/protocol/kinds';
import { organization } from '@opsboard/shared/organization/schema';
import { personShown } from '@opsboard/shared/people/schema';

/** Shapes of answers that more than one endpoint gives. They describe; what is sent is typed where it is made. */
const kind = z.enum(allKinds as [string, ...string[]]);
const fields = z.record(z.string(), z.unknown());

export const actorShape = z.object({ type: z.enum(['person', 'key', 'system']), id: z.string() });

export const entryShape = z
  .object({
    v: z.int(),
    org: id,
    seq: z.int().min(1),
    at: time.meta({ description: 'When it arrived at the server.' }),
    done: time.meta({ description: 'When it was done.' }),
    actor: actorShape,
    commandId: id,
    verb: z.string(),
    kind,
    id,
    rev,
    set: fields,
    unset: z.array(z.string()),
    was: fields,
    touched: z.array(z.string()).optional(),
    why: line(300).optional(),
  })
  .meta({ id: 'Entry', description: 'One record changed by one command.' });

export const errorShape = z
  .object({
    code: z.enum(Object.keys(errorTable) as [string, ...string[]]),
    message: z.string().meta({ description: 'A sentence for a person: what to do next.' }),
    field: z.string().optional().meta({ description: 'The dotted path of the offending input.' }),
    details: fields.optional(),
  })
  .meta({ id: 'Error', description: 'The one shape of every refusal and failure.' });

export const ackShape = z
  .object({
    ok: z.literal(true),
    first: z.int().meta({ description: 'The first entry the command made.' }),
    seq: z.int().meta({ description: 'The last entry the command made.' }),
  })
  .meta({ id: 'Done' });

export const meShape = personShown;
export const organizationShape = organization;
