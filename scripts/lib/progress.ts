/** A reason why the board cannot start, as one sentence for the person who started it. No stack is shown. */
export class StartError extends Error {
  override name = 'StartError';
}

/** Says something to the person at the terminal. */
export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/**
 * Waits for a step and shows that it goes on: nothing when it takes less than a second, else a line then, one each ten
 * seconds, and one at the end.
 */
export async function step<T>(text: string, work: Promise<T>): Promise<T> {
  const began = performance.now();
  const seconds = (): string => `${((performance.now() - began) / 1000).toFixed(1)} s`;
  let shown = false;
  const show = (): void => {
    say(shown ? `• ${text} … ${seconds()}` : `• ${text} …`);
    shown = true;
    timer = setTimeout(show, 10_000);
  };
  let timer = setTimeout(show, 1000);
  try {
    const result = await work;
    if (shown) say(`✓ ${text} (${seconds()})`);
    return result;
  } finally {
    clearTimeout(timer);
  }
}
