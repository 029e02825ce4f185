import { afterEach, describe, expect, it } from 'vitest';
import { keyWords } from './key-words.ts';
import type { KeyName } from './keys.ts';
import { keyTable, labelsOf, pressed } from './keys.ts';

const event = (key: string, more: Partial<KeyboardEvent> = {}): KeyboardEvent =>
  ({ key, defaultPrevented: false, isComposing: false, ...more }) as KeyboardEvent;

afterEach(() => {
  delete (globalThis as { Element?: unknown }).Element;
});

describe('the keys', () => {
  it.each([
    [event('n'), 'newBatch', true],
    [event('N', { shiftKey: true }), 'newBatch', true],
    [event('n', { ctrlKey: true }), 'newBatch', false],
    [event('n', { altKey: true }), 'newBatch', false],
    [event('n', { defaultPrevented: true }), 'newBatch', false],
    [event('k', { metaKey: true }), 'find', true],
    [event('K', { ctrlKey: true }), 'find', true],
    [event('k', { ctrlKey: true, shiftKey: true }), 'find', false],
    [event('k'), 'find', false],
    [event('?', { shiftKey: true }), 'keys', true],
  ] as const)('%o is %s: %s', (given, name, is) => {
    (globalThis as { Element?: unknown }).Element = class {};
    expect(pressed(given, name)).toBe(is);
  });

  it('a plain key is not one for somebody who writes; one with Ctrl is', () => {
    class Field {
      closest = (selector: string) => (selector.includes('input') ? this : null);
    }
    (globalThis as { Element?: unknown }).Element = Field;
    const target = new Field() as unknown as EventTarget;
    expect(pressed(event('n', { target }), 'newBatch')).toBe(false);
    expect(pressed(event('k', { target, ctrlKey: true }), 'find')).toBe(true);
  });

  it('every key has its words and what is printed on it', () => {
    for (const name of Object.keys(keyTable) as KeyName[]) {
      expect(keyWords[name].does).not.toBe('');
      for (const label of labelsOf(name))
        expect(label).toMatch(/^(?:Ctrl )?(?:[A-Z?←→↑↓]|Esc|Space|Enter|Home|End|PgUp|PgDn|Del)$/);
    }
  });
});
