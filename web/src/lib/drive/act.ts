import type { ArgsOf, CommandName } from '@opsboard/shared/protocol/deciders';
import { announcer } from '#lib/announce/announce.svelte.ts';
import type { KeptFile } from './kept/action.ts';
import { queue, type Acted } from './queue.svelte.ts';
import { said } from './said.ts';

/** Does something through the queue, and says it to whoever listens instead of looking. */
export async function act<N extends CommandName>(
  name: N,
  args: ArgsOf<N>,
  files: readonly KeptFile[] = [],
): Promise<Acted> {
  // In the words of before: afterwards the stop may be another.
  const words = said(name, args as { [name: string]: unknown });
  const outcome = await queue.act(name, args, files);
  announcer.say(outcome.ok ? `${words}.` : `Not done. ${outcome.error.message}`, outcome.ok ? 'polite' : 'assertive');
  return outcome;
}
