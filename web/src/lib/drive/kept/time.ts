import { database } from './database.ts';

/** The last measure of the two clocks, as it is kept. */
export type Measure = {
  /** How far the server was ahead of this phone's own clock, milliseconds. */
  offset: number;
  /** When, by the server's clock. */
  at: number;
};

const key = 'clock';

/** What was measured last, before this page was opened; undefined: nothing, or nothing is kept here. */
export async function keptMeasure(): Promise<Measure | undefined> {
  try {
    return (await (await database()).get('kept', key)) as Measure | undefined;
  } catch {
    return undefined;
  }
}

export async function keepMeasure(measure: Measure): Promise<void> {
  try {
    await (await database()).put('kept', measure, key);
  } catch {
    // Without it the phone's clock counts as it is.
  }
}
