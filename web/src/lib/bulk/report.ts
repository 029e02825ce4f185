import type { BulkOutcome } from './run.ts';

/** Refusals for the same reason stand together; the most frequent reason first. */
export type Refusals = readonly { readonly reason: string; readonly references: readonly string[] }[];

/**
 * Sentences that differ in the reference alone are one reason.
 */
export function refusalsOf(outcomes: readonly BulkOutcome[]): Refusals {
  const groups = new Map<string, string[]>();
  for (const outcome of outcomes) {
    if (outcome.ok) continue;
    const { reference } = outcome.item;
    const reason = outcome.error.message.replaceAll(reference, 'The batch');
    groups.set(reason, [...(groups.get(reason) ?? []), reference]);
  }
  return [...groups]
    .map(([reason, references]) => ({ reason, references }))
    .toSorted((a, b) => b.references.length - a.references.length);
}

/** Lines for the clipboard: a reference, a tab, what became of it. */
export function reportText(outcomes: readonly BulkOutcome[], did: string): string {
  return outcomes.map((one) => `${one.item.reference}\t${one.ok ? did : one.error.message}`).join('\n');
}

/** Text that a spreadsheet would run as a formula gets an apostrophe in front; every cell is quoted. */
const cell = (text: string): string => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;

/** The report as a file. */
export function reportCsv(outcomes: readonly BulkOutcome[], did: string): string {
  const rows = outcomes.map((one) => [
    one.item.reference,
    one.ok ? 'Done' : 'Refused',
    one.ok ? did : one.error.message,
  ]);
  return `\ufeff${[['Reference', 'Result', 'What happened'], ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}
