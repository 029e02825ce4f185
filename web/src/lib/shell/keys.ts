/**
 * Every key of the product, by what it does: the one list that handlers ask ({@link pressed}) and the dialog of keys
 * shows, so that it cannot promise a key that nobody listens to. Written as `KeyboardEvent.key`, letters in lower case;
 * `Mod+` is Ctrl, or Cmd on a Mac. What each does is said in `key-words.ts`, which is loaded with the dialog.
 */
export const keyTable = {
  find: ['Mod+k'],
  newBatch: ['n'],
  filter: ['f'],
  export: ['e'],
  keys: ['?'],
  close: ['Escape'],
  boardMove: ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'],
  boardEnds: ['Home', 'End'],
  boardLeaps: ['PageUp', 'PageDown'],
  boardPick: ['m', ' '],
  boardOpen: ['Enter'],
  handMove: ['ArrowLeft', 'ArrowRight'],
  handLane: ['ArrowUp', 'ArrowDown'],
  handPut: ['Enter', ' ', 'm'],
  handLeave: ['Escape'],
  listMove: ['ArrowUp', 'ArrowDown'],
  listOpen: ['Enter'],
  listPick: [' '],
  listAll: ['Mod+a'],
  newMake: ['Mod+Enter'],
  newPartOut: ['Delete'],
  findMove: ['ArrowUp', 'ArrowDown'],
  findOpen: ['Enter'],
  findTab: ['Mod+Enter'],
} as const satisfies { readonly [name: string]: readonly string[] };

export type KeyName = keyof typeof keyTable;

/** A key with nothing held down, for a person who is not writing and whom no dialog waits for. */
export function plainKey(event: KeyboardEvent): string | undefined {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return undefined;
  const target = event.target;
  if (
    target instanceof Element &&
    target.closest('input, textarea, select, [contenteditable], [role="dialog"], [role="menu"], [role="listbox"]')
  ) {
    return undefined;
  }
  return event.key.length === 1 ? event.key.toLowerCase() : event.key;
}

/**
 * Whether an event is one of the keys of a name. A plain key counts only for a person who is not writing
 * ({@link plainKey}); one with `Mod+` counts everywhere.
 */
export function pressed(event: KeyboardEvent, name: KeyName): boolean {
  const keys: readonly string[] = keyTable[name];
  if (event.ctrlKey || event.metaKey) {
    if (event.defaultPrevented || event.isComposing || event.altKey || event.shiftKey) return false;
    return keys.includes(`Mod+${event.key.length === 1 ? event.key.toLowerCase() : event.key}`);
  }
  const key = plainKey(event);
  return key !== undefined && keys.includes(key);
}

const shown: { readonly [key: string]: string } = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'Esc',
  ' ': 'Space',
  PageUp: 'PgUp',
  Delete: 'Del',
  PageDown: 'PgDn',
};

/** Whether the keyboard in front of the person has a Cmd key. */
const onMac = (): boolean => typeof navigator !== 'undefined' && /Mac|iP(hone|ad)/.test(navigator.platform);

/** What is printed on the keys of a name: `['⌘K']`, or `['Ctrl K']`. */
export function labelsOf(name: KeyName): string[] {
  return keyTable[name].map((key: string) => {
    const plain = key.replace('Mod+', '');
    const word = shown[plain] ?? (plain.length === 1 ? plain.toUpperCase() : plain);
    return key === plain ? word : onMac() ? `⌘${word === 'Enter' ? '↵' : word}` : `Ctrl ${word}`;
  });
}
