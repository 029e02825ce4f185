import type { Route } from '@opsboard/shared/routes/schema';
import { app } from '#lib/app.ts';
import { call, type Result } from '#lib/socket/http.ts';

/** A route of today or of a day long over: those have left the live state. */
export async function readRoute(id: string): Promise<Result<Route>> {
  const known = app.get('route', id);
  if (known) return { ok: true, value: known };
  const answer = await call<{ route: Route }>('GET', `/api/routes/${id}`);
  return answer.ok ? { ok: true, value: answer.value.route } : answer;
}
