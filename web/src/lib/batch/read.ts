import type { Entry } from '@opsboard/shared/protocol/entries';
import { call, type Result } from '#lib/socket/http.ts';

/** What happened to a batch, oldest first; also of one that is archived. */
export const readTimeline = (id: string): Promise<Result<{ entries: readonly Entry[] }>> =>
  call('GET', `/api/batches/${encodeURIComponent(id)}/timeline`);
