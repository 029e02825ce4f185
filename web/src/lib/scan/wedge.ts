/**
 * Tells a keyboard-wedge scanner from a person, by time alone: a scanner is a keyboard that types a code within a
 * fraction of a second and ends with Enter. Pure: keys go in with their own times, verdicts come out.
 */

/** A key going down. */
export type WedgeKey = {
  /** As the keyboard layout reads it: `KeyboardEvent.key`. */
  key: string;
  /** Which key it is on the board, whatever the layout: `KeyboardEvent.code`. */
  code: string;
  /** When it was pressed, milliseconds: `KeyboardEvent.timeStamp`, which a busy page does not delay. */
  at: number;
  shift?: boolean;
  /** Held down until it repeated: no scanner does that. */
  repeat?: boolean;
  /** An input method is composing: the key is not a character yet. */
  composing?: boolean;
  /** Control, Alt or Meta is held: a shortcut. */
  command?: boolean;
};

/** What a key turned out to be. */
export type Verdict =
  /** Nothing of a scanner's: what came before it was typed by a person, too. */
  | { is: 'person' }
  /** A character that a scanner may have sent; the first of its burst has `place` 1. */
  | { is: 'character'; place: number }
  /** Shift and the like: nobody knows yet. */
  | { is: 'silent' }
  /** The Enter that ends a scan. */
  | {
      is: 'scan';
      /** The code as this computer's keyboard layout reads it. */
      text: string;
      /** The code as a US keyboard would have it: what scanners send unless they were told the layout. */
      plain: string;
    };

/** Nothing of one scan is further apart, milliseconds. Also how long a shortcut waits to be sure that it is one. */
export const longestGap = 50;
/**
 * On average the keys of a scan follow each other at least this fast, milliseconds. Scanners send one each 1 to 30 ms;
 * the quickest people need 60, even if two keys rolled off the fingers are closer now and then. The fewer keys, the more
 * likely it is that all of them were rolled: a short code must be faster.
 */
const slowestMean = (characters: number): number => (characters > 5 ? 35 : characters > 3 ? 30 : 15);
/** Before a scan nobody types for so long, milliseconds: four keys rolled in the middle of a word are no scan. */
const quietBefore = 200;
/** Shorter is a word, or a slip of the hand. */
const shortestCode = 3;
/** Without a digit it must be longer: codes have digits, and what people type fast are words. */
const shortestWord = 8;
/** Longer is not a code: a program that types for somebody. */
const longestCode = 300;

const modifiers = new Set(['Shift', 'CapsLock', 'AltGraph', 'NumLock']);

/** Reads keys one after the other and recognizes a scan at its Enter. */
export class Wedge {
  #text = '';
  #plain = '';
  #first = 0;
  #last = 0;
  #keys = 0;
  #characters = 0;
  /** When the key before this one was pressed; long ago after a scan. */
  #before = -Infinity;

  /** How many characters the burst under way has. */
  get length(): number {
    return this.#characters;
  }

  /** Whatever came before belongs to a person, as does a key now that is not read. */
  pass(at: number): void {
    this.#reset();
    this.#before = at;
  }

  #reset(): void {
    this.#text = this.#plain = '';
    this.#keys = this.#characters = 0;
  }

  read(key: WedgeKey): Verdict {
    if (modifiers.has(key.key)) return this.#modifier(key.at);
    const verdict = this.#judge(key);
    this.#before = verdict.is === 'scan' ? -Infinity : key.at;
    return verdict;
  }

  #modifier(at: number): Verdict {
    if (this.#inTime(at)) this.#count(at);
    return { is: 'silent' };
  }

  #inTime(at: number): boolean {
    return this.#keys > 0 && at >= this.#last && at - this.#last <= longestGap;
  }

  #judge(key: WedgeKey): Verdict {
    if (key.repeat || key.composing || key.command) return this.#person();
    const inTime = this.#inTime(key.at);
    if (key.key === 'Enter') return inTime && this.#convinces(key.at) ? this.#scan() : this.#person();
    const plain = plainCharacter(key);
    const typed = key.key === 'Dead' ? '' : key.key;
    if ([...typed].length > 1 || (typed === '' && plain === '')) return this.#person();
    if (this.#characters >= longestCode) return this.#person();
    if (!inTime) {
      this.#reset();
      if (key.at - this.#before < quietBefore) return { is: 'person' };
      this.#first = key.at;
    }
    this.#count(key.at);
    this.#characters++;
    this.#text += typed;
    this.#plain += plain || typed;
    return { is: 'character', place: this.#characters };
  }

  #count(at: number): void {
    this.#keys++;
    this.#last = at;
  }

  #convinces(end: number): boolean {
    const enough = /\d/.test(this.#text + this.#plain) ? shortestCode : shortestWord;
    if (this.#characters < enough) return false;
    return (end - this.#first) / this.#keys <= slowestMean(this.#characters);
  }

  #person(): Verdict {
    this.#reset();
    return { is: 'person' };
  }

  #scan(): Verdict {
    const [text, plain] = [this.#text, this.#plain];
    this.#reset();
    return { is: 'scan', text, plain };
  }
}

const signs: { readonly [code: string]: readonly [plain: string, shifted: string] } = {
  Minus: ['-', '_'],
  Slash: ['/', '?'],
  Equal: ['=', '+'],
  Period: ['.', '>'],
  Comma: [',', '<'],
  Semicolon: [';', ':'],
  Quote: ["'", '"'],
  BracketLeft: ['[', '{'],
  BracketRight: [']', '}'],
  Backslash: ['\\', '|'],
  Backquote: ['`', '~'],
  Space: [' ', ' '],
  NumpadSubtract: ['-', '-'],
  NumpadDivide: ['/', '/'],
  NumpadDecimal: ['.', '.'],
};
const overDigits = ')!@#$%^&*(';

/** The character of a key on a US keyboard; empty for keys that have none. */
function plainCharacter({ code, shift = false }: WedgeKey): string {
  const [, letter] = /^Key([A-Z])$/.exec(code) ?? [];
  if (letter) return shift ? letter : letter.toLowerCase();
  const [, row, digit] = /^(Digit|Numpad)(\d)$/.exec(code) ?? [];
  if (digit) return shift && row === 'Digit' ? (overDigits[Number(digit)] ?? '') : digit;
  return (Object.hasOwn(signs, code) ? signs[code]?.[shift ? 1 : 0] : undefined) ?? '';
}
