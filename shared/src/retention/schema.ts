import { z } from 'zod';
import { id, rev } from '../protocol/scalars.ts';

/** By the retention job, of a batch that was archived long enough ago. Its records are deleted next. */
export const eraseBatch = z.strictObject({ id });
export type EraseBatch = z.infer<typeof eraseBatch>;

/** Why a message is erased: the organization keeps none so long, or its customer's contacts were erased. */
export const eraseMessage = z.strictObject({ id, because: z.enum(['retention', 'contacts']) });
export type EraseMessage = z.infer<typeof eraseMessage>;

/**
 * Why a route is erased: the organization keeps no archived ones so long; or the contacts of a customer were erased, and
 * who received at the customer's stops goes, too.
 */
export const eraseRoute = z.strictObject({ id, because: z.enum(['retention', 'contacts']), customer: id.optional() });
export type EraseRoute = z.infer<typeof eraseRoute>;

/** Cannot be undone. Only of somebody who was deactivated. */
export const erasePerson = z.strictObject({ id, rev });
export type ErasePerson = z.infer<typeof erasePerson>;

/** Cannot be undone. The customer or vendor stays, without its contacts. */
export const eraseContacts = z.strictObject({ id, rev });
export type EraseContacts = z.infer<typeof eraseContacts>;
