import { day } from './day.svelte.ts';
import { actionWords } from './words.ts';

/** What an action says of itself to a person, with the names as they are on the phone now: they may be gone later. */
export const said = (name: string, args: { [name: string]: unknown }): string => actionWords(name, args, day.named);
