import type { Batch } from '@opsboard/shared/batches/schema';
import { call, type Result } from '#lib/socket/http.ts';

/** A batch with its parts, which boards do not hold, and what stands behind its part IDs, as far as it is on record. */
export type WholeBatch = { readonly batch: Batch; readonly labels: { readonly [part: string]: string } };

/** Reads a batch as a whole; also one that is archived. */
export const readWhole = (id: string): Promise<Result<WholeBatch>> =>
  call<WholeBatch>('GET', `/api/batches/${encodeURIComponent(id)}`);

/** Part IDs as people number them: P-9 before P-10. */
export const byPartId = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });
