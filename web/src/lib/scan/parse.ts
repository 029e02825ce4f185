import { partIdPattern } from '@opsboard/shared/batches/steps';

/** What was read from a label, as far as its form tells. Both may be there: a part may be called `B-2041`, too. */
export type Scanned = {
  /** As it was read, without what scanners put around it. */
  text: string;
  /** A batch's reference, as `B-2041`. */
  reference?: string;
  /** A part ID, in capitals. */
  part?: string;
  /** A batch's id, from the address of its page. */
  batch?: string;
};

const referencePattern = /^B-\d{1,12}$/;
const batchPage = /\/operations\/batches\/([0-9a-f-]{36})(?:[/?#]|$)/i;
/** Some scanners say first which kind of code they read: `]Q1` a QR code, `]C0` Code 128. */
const codeKind = /^\][A-Za-z]\w/;

/**
 * Reads a scanned code: a batch's reference, a part ID, or the address of a batch's page.
 *
 * @param plain the same keys as a US keyboard has them: taken where the layout's own reading is neither
 */
export function parseScan(text: string, plain?: string): Scanned {
  const read = readCode(text);
  if (read.part !== undefined || read.batch !== undefined || plain === undefined) return read;
  const other = readCode(plain);
  return other.part !== undefined || other.batch !== undefined ? other : read;
}

function readCode(given: string): Scanned {
  const text = given.trim().replace(codeKind, '').trim();
  const [, batch] = batchPage.exec(text) ?? [];
  if (batch !== undefined) return { text, batch: batch.toLowerCase() };
  if (!partIdPattern.test(text)) return { text };
  const part = text.toUpperCase();
  return { text, part, ...(referencePattern.test(part) ? { reference: part } : {}) };
}
