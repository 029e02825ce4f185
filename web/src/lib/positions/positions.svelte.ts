import type { PositionsNews } from '@opsboard/shared/positions/schema';
import { app } from '#lib/app.ts';
import { may } from '#lib/session/may.ts';
import type { Position } from './known.ts';
import { takeNews } from './known.ts';

/** Who draws drivers as they move. */
export type Follower = { moved(driver: string, position: Position): void; gone(driver: string): void };

/**
 * Where drivers are, while somebody looks. A driver who moves costs one entry in a map: views that draw thousands follow,
 * views that show a few read {@link Positions.at}, which is reactive as a whole.
 */
class Positions {
  readonly #known = new Map<string, Position>();
  readonly #followers = new Set<Follower>();
  #version = $state(0);
  #watchers = 0;

  /** Begins to watch, while at least one view does. Returns the stop. */
  watch(): () => void {
    if (++this.#watchers === 1) {
      app.line.positions = { news: (news) => this.#take(news), opened: () => this.#ask(true) };
      this.#ask(true);
    }
    let mine = true;
    return () => {
      if (!mine) return;
      mine = false;
      if (--this.#watchers > 0) return;
      app.line.positions = undefined;
      this.#ask(false);
      this.#known.clear();
      this.#version++;
    };
  }

  /** Where a driver was last; undefined: not known, or on no route. */
  at(driver: string): Position | undefined {
    void this.#version;
    return this.#known.get(driver);
  }

  /** How many drivers are known. */
  get count(): number {
    void this.#version;
    return this.#known.size;
  }

  /** Gives those that are known now; not reactive. */
  each(tell: (driver: string, position: Position) => void): void {
    for (const [driver, position] of this.#known) tell(driver, position);
  }

  /** Tells of each driver that moves or goes from now on; not reactive. Returns the stop. */
  follow(follower: Follower): () => void {
    this.#followers.add(follower);
    return () => void this.#followers.delete(follower);
  }

  #ask(on: boolean): void {
    if (may('positions.read')) app.line.watchPositions(on);
  }

  #take(news: PositionsNews): void {
    const { moved, gone } = takeNews(this.#known, news);
    if (moved.length + gone.length === 0) return;
    for (const follower of this.#followers) {
      for (const driver of gone) follower.gone(driver);
      for (const driver of moved) follower.moved(driver, this.#known.get(driver)!);
    }
    this.#version++;
  }
}

export const positions = new Positions();
