/** What was typed into a form that was closed, or refused after it had gone: it is there again when it opens. */
const drafts = new Map<string, string>();

export const draftOf = (batch: string, field: string): string => drafts.get(`${batch}/${field}`) ?? '';

export function keepDraft(batch: string, field: string, text: string): void {
  if (text.trim() === '') drafts.delete(`${batch}/${field}`);
  else drafts.set(`${batch}/${field}`, text);
}
