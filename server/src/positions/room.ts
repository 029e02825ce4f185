import { newsEvery } from '@opsboard/shared/positions/times';
import { NewsRoom } from '../live/news-room.ts';
import type { Packet } from '../live/packet.ts';
import { packetOf } from '../live/packet.ts';
import type { Clock } from '../platform/clock.ts';

/** Drivers told of in one message; the others follow in the next. */
const mostNews = 5_000;
/** What one audience is sent a second at most, over all its clients, bytes: beyond it, it is told less often. */
const mostBytes = 30_000_000;

/** The clients of one audience that watch drivers ([G4]). */
export class PositionsRoom extends NewsRoom {
  /** A driver's position as the audience is told it; undefined: nothing. */
  readonly #sight: (driver: string) => string | undefined;
  /** By driver, as JSON. */
  readonly #told = new Map<string, string>();
  readonly #changed = new Set<string>();

  /** @param drivers those of whom something is known when the room is opened */
  constructor(
    drivers: Iterable<string>,
    sight: (driver: string) => string | undefined,
    held: () => boolean,
    clock: Clock,
  ) {
    super(held, clock);
    this.#sight = sight;
    for (const driver of drivers) this.#changed.add(driver);
  }

  /** Something may have changed of a driver: the position, or whether it is to be seen. */
  changed(driver: string): void {
    this.#changed.add(driver);
    this.ask();
  }

  protected get waiting(): boolean {
    return this.#changed.size > 0;
  }

  protected pause(bytes: number): number {
    return Math.max(newsEvery, (bytes / mostBytes) * 1_000);
  }

  protected whole(): Packet {
    return this.#packet(`"all":true,"drivers":[${[...this.#told.values()].join()}]`);
  }

  protected news(): Packet | undefined {
    const moved: string[] = [];
    const gone: string[] = [];
    for (const driver of this.#changed) {
      if (moved.length + gone.length >= mostNews) break;
      this.#changed.delete(driver);
      const now = this.#sight(driver);
      if (now === this.#told.get(driver)) continue;
      if (now === undefined) {
        this.#told.delete(driver);
        gone.push(driver);
      } else {
        this.#told.set(driver, now);
        moved.push(now);
      }
    }
    if (moved.length + gone.length === 0) return undefined;
    const left = gone.length > 0 ? `,"gone":${JSON.stringify(gone)}` : '';
    return this.#packet(`"drivers":[${moved.join()}]${left}`);
  }

  #packet(rest: string): Packet {
    return packetOf('positions', `{"now":${this.clock.now()},${rest}}`);
  }
}
