import { app } from '#lib/app.ts';
import { announcer } from '#lib/announce/announce.svelte.ts';
import { dialogs } from '#lib/dialogs/dialogs.svelte.ts';
import { scan } from '#lib/scan/scan.ts';

/**
 * Looks up what a scanner read and nothing on the page took: where it is, who has it. Not over a form that is open: what
 * was typed into it would be gone.
 *
 * @returns the stop
 */
export default function lookUpScans(): () => void {
  const lookUp: typeof scan.fallback = ({ batch, text }) => {
    if (dialogs.open && dialogs.open.kind !== 'find') {
      announcer.say(`${text} was scanned. Close this form to look it up.`, 'assertive');
      return;
    }
    dialogs.show({ kind: 'find', words: (batch && app.get('batch', batch)?.reference) ?? text });
  };
  scan.fallback = lookUp;
  return () => {
    if (scan.fallback === lookUp) scan.fallback = undefined;
  };
}
