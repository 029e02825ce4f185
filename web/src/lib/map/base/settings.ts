import type { City } from '@opsboard/shared/geo/city';
import type { MapBase } from '@opsboard/shared/geo/base';
import { call, type Result } from '#lib/socket/http.ts';

/** What lies below everything on a map. */
export type Base = MapBase & { streets?: City };

let known: Promise<Result<Base>> | undefined;

/** Asks what the base map is, once for the page's life; asked again after a failure. */
export function readBase(): Promise<Result<Base>> {
  known ??= ask().then((answer) => {
    if (!answer.ok) known = undefined;
    return answer;
  });
  return known;
}

async function ask(): Promise<Result<Base>> {
  const base = await call<MapBase>('GET', '/api/map');
  if (!base.ok || base.value.city === undefined) return base;
  const streets = await call<City>('GET', base.value.city);
  return streets.ok ? { ok: true, value: { ...base.value, streets: streets.value } } : streets;
}
