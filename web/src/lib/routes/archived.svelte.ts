import type { Route } from '@opsboard/shared/routes/schema';
import { app } from '#lib/app.ts';
import { call } from '#lib/socket/http.ts';

const most = 200;

/** The routes of a day that has long been over: they have left the live state, and are read when they are looked at. */
export class ArchivedRoutes {
  #found = $state.raw<{ day: string; routes: readonly Route[] } | undefined>(undefined);
  /** Why they could not be read. */
  failure = $state.raw<string | undefined>(undefined);

  /** Reads the routes of a day; those of another day are no longer shown. */
  async read(day: string): Promise<void> {
    if (this.#found?.day !== day) this.#found = undefined;
    this.failure = undefined;
    const answer = await call<{ routes: Route[] }>(
      'GET',
      `/api/routes?archived=true&from=${day}&to=${day}&limit=${most}`,
    );
    if (answer.ok) this.#found = { day, routes: answer.value.routes };
    else this.failure = answer.error.message;
  }

  of(day: string): readonly Route[] {
    void app.namesVersion;
    return this.#found?.day === day ? this.#found.routes.filter(({ id }) => !app.get('route', id)) : [];
  }
}
