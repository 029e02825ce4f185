/**
 * Fields under a scan. While nobody knows whether a person or a scanner types, characters go where they go; once it was
 * a scanner, each field gets back what was in it.
 */

/** Whether an input event tells a field that what it just got was a scan, and was taken back. */
export const isTakenBack = (event: Event): boolean => event instanceof InputEvent && event.data === takenBack;
/** Told in `data`: browsers keep no `inputType` that they do not know. */
const takenBack = 'scan taken back';

type Valued = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

const notTyped = new Set(['button', 'checkbox', 'color', 'file', 'image', 'radio', 'range', 'reset', 'submit']);

/** Whether characters typed into an element stay there (or, in a list of choices, choose). */
export function takesText(element: Element): boolean {
  if (element instanceof HTMLInputElement) return !notTyped.has(element.type);
  return (
    element instanceof HTMLTextAreaElement ||
    element instanceof HTMLSelectElement ||
    (element instanceof HTMLElement && element.isContentEditable)
  );
}

/**
 * Whether a field is nobody's business: what is typed there, by a person or by a key that types codes, is never looked
 * at.
 */
export const isSecret = (element: Element): boolean =>
  element instanceof HTMLInputElement && (element.type === 'password' || element.autocomplete === 'one-time-code');

/** Remembers what is in a field now; the returned function puts it back. */
export function remember(element: Element): (typed: string) => void {
  if (
    element instanceof HTMLInputElement ||
    element instanceof HTMLTextAreaElement ||
    element instanceof HTMLSelectElement
  ) {
    const value = element.value;
    const selection = selectionOf(element);
    return () => putBack(element, value, selection);
  }
  return (typed) => eraseBefore(element, typed);
}

type Span = { start: number; end: number };

function selectionOf(element: Valued): Span | undefined {
  if (element instanceof HTMLSelectElement) return undefined;
  // Fields of numbers and dates have a value, but no selection.
  const { selectionStart: start, selectionEnd: end } = element;
  return start === null || end === null ? undefined : { start, end };
}

function putBack(element: Valued, value: string, selection: Span | undefined): void {
  const changed = element.value !== value;
  // A field of numbers shows what is not a number and calls it empty: setting it clears that, too.
  element.value = value;
  if (selection && !(element instanceof HTMLSelectElement)) element.setSelectionRange(selection.start, selection.end);
  if (!changed) return;
  element.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: 'historyUndo', data: takenBack }));
  if (element instanceof HTMLSelectElement) element.dispatchEvent(new Event('change', { bubbles: true }));
}

/** In a text with an editor of its own: takes away what stands before the cursor, as if it were deleted by hand. */
function eraseBefore(element: Element, typed: string): void {
  const selection = element.ownerDocument.getSelection();
  if (!selection || !element.contains(selection.anchorNode)) return;
  for (let i = 0; i < typed.length; i++) selection.modify('extend', 'backward', 'character');
  if (selection.toString() === typed) element.ownerDocument.execCommand('delete');
  else selection.collapseToEnd();
}
