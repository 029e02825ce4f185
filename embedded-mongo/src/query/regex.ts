import type { BSONRegExp } from 'bson';
import { MongoError } from '../errors.ts';

/** Code for a regular expression that does not compile. */
const INVALID_REGEX = 51091;

function invalid(pattern: string, why: string): MongoError {
  return new MongoError(INVALID_REGEX, `Regular expression is invalid: ${why}: /${pattern}/`);
}

// PCRE's classes know only ASCII here, JavaScript's \s knows more.
const SPACES = ' \\t\\n\\v\\f\\r';
const POSIX: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: SPACES,
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
  xdigit: '0-9A-Fa-f',
  word: '\\w',
  cntrl: '\\x00-\\x1f\\x7f',
  print: ' -~',
  graph: '!-~',
};

interface Flags {
  i: boolean;
  m: boolean;
  s: boolean;
  x: boolean;
}

/** Rewrites a PCRE pattern as a JavaScript one with the same meaning, or refuses it. */
class Translator {
  private readonly pattern: string;
  private readonly flags: Flags;
  private at = 0;
  private out = '';

  constructor(pattern: string, flags: Flags) {
    this.pattern = pattern;
    this.flags = flags;
  }

  run(): string {
    this.leadingFlags();
    while (this.at < this.pattern.length) this.step();
    return this.out;
  }

  /** `(?i)` and the like at the start speak for the whole pattern. */
  private leadingFlags(): void {
    for (;;) {
      const match = /^\(\?([imsx]+)\)/.exec(this.pattern.slice(this.at));
      if (!match) return;
      for (const flag of match[1] as string) this.flags[flag as keyof Flags] = true;
      this.at += match[0].length;
    }
  }

  private step(): void {
    const char = this.pattern[this.at] as string;
    const { flags } = this;
    switch (char) {
      case '\\':
        return this.escape(false);
      case '[':
        return this.charClass();
      case '.':
        this.out += flags.s ? '[\\s\\S]' : '[^\\n]';
        break;
      case '^':
        this.out += flags.m ? '(?<![^\\n])' : '^';
        break;
      case '$':
        this.out += flags.m ? '(?![^\\n])' : '(?=\\n?$)';
        break;
      case '(':
        return this.group();
      case '#':
        if (!flags.x) break;
        while (this.at < this.pattern.length && this.pattern[this.at] !== '\n') this.at++;
        return;
      case '*':
      case '+':
      case '?':
      case '{':
        return this.quantifier();
      default:
        if (flags.x && /\s/.test(char)) break;
        this.out += char === ']' || char === '}' || char === '/' ? `\\${char}` : char;
    }
    this.at++;
  }

  private quantifier(): void {
    const match = /^(?:[*+?]|\{\d+(?:,\d*)?\})/.exec(this.pattern.slice(this.at));
    this.out += match ? match[0] : '\\{';
    this.at += match ? match[0].length : 1;
    if (!match) return;
    if (this.pattern[this.at] === '+') throw invalid(this.pattern, 'possessive quantifiers are not supported');
    if (this.pattern[this.at] === '?') {
      this.out += '?';
      this.at++;
    }
  }

  private group(): void {
    const rest = this.pattern.slice(this.at);
    if (rest.startsWith('(*')) throw invalid(this.pattern, 'verbs are not supported');
    const comment = /^\(\?#[^)]*\)/.exec(rest);
    if (comment) {
      this.at += comment[0].length;
      return;
    }
    const named = /^\(\?P?<([A-Za-z_]\w*)>/.exec(rest);
    if (named) {
      this.out += `(?<${named[1]}>`;
      this.at += named[0].length;
      return;
    }
    const plain = /^\(\?(?::|=|!|<=|<!)/.exec(rest);
    if (plain) {
      this.out += plain[0];
      this.at += plain[0].length;
      return;
    }
    const scoped = /^\(\?([i]*)(?:-([i]+))?:/.exec(rest);
    if (scoped) {
      this.out += scoped[0];
      this.at += scoped[0].length;
      return;
    }
    if (rest.startsWith('(?')) throw invalid(this.pattern, `group ${rest.slice(0, 4)} is not supported`);
    this.out += '(';
    this.at++;
  }

  private escape(inClass: boolean): void {
    const next = this.pattern[this.at + 1];
    if (next === undefined) throw invalid(this.pattern, '\\ at end of pattern');
    this.at += 2;
    if (next === 'Q') {
      const end = this.pattern.indexOf('\\E', this.at);
      const text = this.pattern.slice(this.at, end < 0 ? undefined : end);
      this.out += text.replace(/[\\^$.*+?()[\]{}|/-]/g, (found) => (found === '-' ? '\\x2d' : `\\${found}`));
      this.at = end < 0 ? this.pattern.length : end + 2;
      return;
    }
    if (next === 'E') return;
    if (next === 's' || next === 'h') {
      const chars = next === 's' ? SPACES : ' \\t\\xa0';
      this.out += inClass ? chars : `[${chars}]`;
    } else if ((next === 'S' || next === 'H') && !inClass) this.out += `[^${next === 'S' ? SPACES : ' \\t\\xa0'}]`;
    else if (next === 'S') this.out += '\\S\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff';
    else if (next === 'A' && !inClass) this.out += '^';
    else if (next === 'z' && !inClass) this.out += '$';
    else if (next === 'Z' && !inClass) this.out += '(?=\\n?$)';
    else if (next === 'R' && !inClass) this.out += '(?:\\r\\n|[\\n\\v\\f\\r\\x85\\u2028\\u2029])';
    else if (next === 'a') this.out += '\\x07';
    else if (next === 'e') this.out += '\\x1b';
    else if (next === 'x') {
      const hex = /^\{([0-9a-fA-F]+)\}|^([0-9a-fA-F]{1,2})/.exec(this.pattern.slice(this.at));
      this.out += `\\u{${hex?.[1] ?? hex?.[2] ?? '0'}}`;
      this.at += hex?.[0].length ?? 0;
    } else if (next === '0') {
      const octal = /^[0-7]{0,2}/.exec(this.pattern.slice(this.at))?.[0] ?? '';
      this.out += `\\u{${Number.parseInt(`0${octal}`, 8).toString(16)}}`;
      this.at += octal.length;
    } else if (next === 'k' || next === 'p' || next === 'P') this.named(next);
    else if (/[dDwWbBnrtfv1-9]/.test(next)) {
      if (inClass && /[1-9B]/.test(next)) throw invalid(this.pattern, `\\${next} in a class is not supported`);
      this.out += `\\${next}`;
    } else if (/[A-Za-z]/.test(next)) throw invalid(this.pattern, `\\${next} is not supported`);
    // With JavaScript's u flag only syntax characters may be escaped.
    else if (/[\^$\\.*+?()[\]{}|/]/.test(next) || (inClass && next === '-')) this.out += `\\${next}`;
    else this.out += next;
  }

  private named(kind: string): void {
    const match = /^\{[^}]*\}|^<\w+>|^[LMNPSZC]/.exec(this.pattern.slice(this.at));
    if (!match) throw invalid(this.pattern, `\\${kind} without a name`);
    const name = match[0].replace(/[{}<>]/g, '');
    this.out += kind === 'k' ? `\\k<${name}>` : `\\${kind}{${name}}`;
    this.at += match[0].length;
  }

  private charClass(): void {
    this.out += '[';
    this.at++;
    if (this.pattern[this.at] === '^') {
      this.out += '^';
      this.at++;
    }
    let first = true;
    for (; ; first = false) {
      const char = this.pattern[this.at];
      if (char === undefined) throw invalid(this.pattern, 'missing terminating ] for character class');
      if (char === ']' && !first) break;
      const posix = char === '[' ? /^\[:(\^?)(\w+):\]/.exec(this.pattern.slice(this.at)) : null;
      if (posix) {
        const chars = POSIX[posix[2] as string];
        if (chars === undefined || posix[1]) throw invalid(this.pattern, `class ${posix[0]} is not supported`);
        this.out += chars;
        this.at += posix[0].length;
      } else if (char === '\\') this.escape(true);
      else {
        this.out += char === '[' || char === ']' ? `\\${char}` : char;
        this.at++;
      }
    }
    this.out += ']';
    this.at++;
  }
}

const compiled = new Map<string, RegExp>();

/**
 * A PCRE pattern with MongoDB's options (i, m, s, x, u) as a JavaScript expression. Throws code 51091 for what does not
 * compile or would mean something else, 51108 for an unknown option.
 */
export function compileRegex(pattern: string, options = ''): RegExp {
  const key = `${options}/${pattern}`;
  const known = compiled.get(key);
  if (known) return known;
  const unknown = /[^imsxu]/.exec(options);
  if (unknown) throw new MongoError(51108, ` invalid flag in regex options: ${unknown[0]}`);
  if (pattern.includes('\0')) throw new MongoError(2, 'Regular expression cannot contain an embedded null byte');
  const has = (flag: string) => options.includes(flag);
  const flags: Flags = { i: has('i'), m: has('m'), s: has('s'), x: has('x') };
  const source = new Translator(pattern, flags).run();
  let regex: RegExp;
  try {
    regex = new RegExp(source, flags.i ? 'iu' : 'u');
  } catch (error) {
    throw invalid(pattern, (error as Error).message.replace(/^Invalid regular expression: /, ''));
  }
  if (compiled.size > 1000) compiled.clear();
  compiled.set(key, regex);
  return regex;
}

/** The test of a BSON regular expression against a string. */
export function regexOf(value: BSONRegExp): RegExp {
  return compileRegex(value.pattern, value.options);
}

/** The text that every match starts with, for a pattern that is anchored and minds case; '' if there is none. */
export function literalPrefix({ pattern, options }: BSONRegExp): string {
  if (/[imx]/.test(options) || pattern.includes('|')) return '';
  const match = /^(?:\^|\\A)((?:[^\\^$.*+?()[\]{}|]|\\[^A-Za-z0-9])*)/.exec(pattern);
  if (!match) return '';
  let text = match[1] as string;
  // A quantifier behind the text may take its last character away.
  if (/[*?{]/.test(pattern[match[0].length] ?? '')) text = text.replace(/(?:\\[^]|[^])$/u, '');
  return text.replace(/\\([^])/g, '$1');
}
