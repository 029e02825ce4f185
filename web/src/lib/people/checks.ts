import { refusedEmail, refusedPhone } from './fields.ts';
import type { PersonDraft } from './people.ts';

/** The first field that cannot be sent as it is, and why. */
export function missing(draft: PersonDraft): { field: string; text: string } | undefined {
  if (draft.name.trim() === '') return { field: 'name', text: 'A name has at least one letter.' };
  const email = refusedEmail(draft.email.trim());
  if (email !== undefined) return { field: 'email', text: email };
  const phone = draft.phone.trim() === '' ? undefined : refusedPhone(draft.phone.trim());
  return phone === undefined ? undefined : { field: 'phone', text: phone };
}

/** Where a server's refusal belongs: its dotted path ends with the field's own name. */
export const fieldOf = (path: string | undefined): string => path?.split('.').at(-1) ?? '';
