/**
 * What a benchmark is.
 *
 * One file `test/bench/pN-name.ts` each, whose default export is a {@link Benchmark}; `main.ts` finds it by its name.
 * What it is compared with lives in `test/bench/peers/`, each on its library's documented fast path.
 *
 * - `setup` starts what is needed and returns contenders and rows. It is called once; `[Symbol.asyncDispose]` of what
 *   it returned is called at the end, also after an error.
 * - A **contender** is one thing that is measured: `measure()` runs it once (about a second) and returns named figures.
 *   Contenders of a round run one after another, so that subject and peer meet the same weather; every second round
 *   goes backwards, so that none always has the warmer machine. `warmUp()` runs once before the first round.
 *   Where a second is too long for the weather to hold, one contender measures both with {@link takingTurns}.
 * - A **row** is one line of the result: a figure of the subject over a figure of the peer in the *same round*; the
 *   median of the rounds' ratios counts, with its spread. Without a peer the subject's own figure is judged.
 * - `must` and `aim` are bounds on the ratio (or, without a peer, on the figure).
 *
 * With `small` everything must be done in seconds: it shows that the benchmark still works, not how fast anything is.
 */

/** A benchmark of one P number. */
export interface Benchmark {
  /** As it is called on the command line, such as `P12`. */
  id: `P${number}`;
  title: string;
  /** Rounds of a full run; 5 unless a round is long. */
  rounds: number;
  setup(context: BenchContext): Promise<BenchRun>;
}

/** What a benchmark gets. */
export interface BenchContext {
  /** Keep it to seconds: small sizes, one round. */
  small: boolean;
  /** An empty folder of its own, on disk, removed afterwards. */
  scratch: string;
  /** Tells the person who waits what is going on. */
  log(text: string): void;
}

/** A benchmark that is ready to be measured. */
export interface BenchRun extends AsyncDisposable {
  contenders: Contender[];
  rows: Row[];
  /** Sentences below the table: sizes, configuration, what stands in the way of a bound that was missed. */
  notes?: () => string[];
}

/** Figures by name; a contender returns the same names each time. */
export type Figures = Record<string, number>;

/** One thing that is measured. */
export interface Contender {
  name: string;
  warmUp?: () => Promise<void>;
  /** @param round - counts from 0 */
  measure(round: number): Promise<Figures>;
}

/** A figure of a contender. */
export interface FigureOf {
  contender: string;
  figure: string;
}

/** A limit; for a ratio or, in a row without a peer, for the figure itself. */
export type Bound = { atLeast: number } | { atMost: number };

/** One line of the result. */
export interface Row {
  what: string;
  /** Unit of the figures, such as `/s`, `ms`, `bytes`. */
  unit: string;
  subject: FigureOf;
  peer?: FigureOf;
  must?: Bound;
  aim?: Bound;
}

/** Calls something for so many milliseconds and returns how often it did. */
export type Repeat = (milliseconds: number) => Promise<number> | number;

/** Something that a number of callers call at once, again and again, until the time is over. */
export function callers(count: number, call: (caller: number) => Promise<unknown>): Repeat {
  return async (milliseconds) => {
    const end = performance.now() + milliseconds;
    let calls = 0;
    const work = async (caller: number): Promise<void> => {
      while (performance.now() < end) {
        await call(caller);
        calls += 1;
      }
    };
    await Promise.all(Array.from({ length: count }, (_, caller) => work(caller)));
    return calls;
  };
}

/**
 * Takes turns between things in slices so short that whatever else the machine does befalls all of them alike, and
 * says how often each was done per second. For one contender that measures the subject and its peer together.
 *
 * @param milliseconds - of each thing, in all
 * @param slice - milliseconds of a turn
 */
export async function takingTurns<Name extends string>(
  things: Record<Name, Repeat>,
  milliseconds: number,
  slice: number,
): Promise<Record<Name, number>> {
  const names = Object.keys(things) as Name[];
  const totals = new Map(names.map((name) => [name, { calls: 0, time: 0 }]));
  for (let spent = 0; spent < milliseconds; spent += slice) {
    for (const name of names) {
      const started = performance.now();
      const calls = await things[name](slice);
      const total = totals.get(name) as { calls: number; time: number };
      total.calls += calls;
      total.time += performance.now() - started;
    }
    names.reverse();
  }
  const rates = names.map((name) => {
    const { calls, time } = totals.get(name) as { calls: number; time: number };
    return [name, (calls / time) * 1000] as const;
  });
  return Object.fromEntries(rates) as Record<Name, number>;
}
