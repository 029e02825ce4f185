import { describe, expect, it } from 'vitest';
import { Selection } from './selection.svelte.ts';

const list = [...'abcdefgh'].map((id) => ({ id }));
const chosen = (selection: Selection): string => [...selection.ids].sort().join('');

describe('choosing rows', () => {
  it('one by one', () => {
    const selection = new Selection();
    selection.toggle('b');
    selection.toggle('d');
    selection.toggle('b');
    expect(chosen(selection)).toBe('d');
  });

  it('a range from the last one chosen, which may get longer, shorter and turn round', () => {
    const selection = new Selection();
    selection.toggle('a');
    selection.toggle('d');
    selection.extend(list, 'g');
    expect(chosen(selection)).toBe('adefg');
    selection.extend(list, 'e');
    expect(chosen(selection)).toBe('ade');
    selection.extend(list, 'b');
    expect(chosen(selection)).toBe('abcd');
  });

  it('a range without a beginning is one row', () => {
    const selection = new Selection();
    selection.extend(list, 'c');
    expect(chosen(selection)).toBe('c');
    selection.extend(list, 'e');
    expect(chosen(selection)).toBe('cde');
  });

  it('a range from the keyboard begins where it stood', () => {
    const selection = new Selection();
    selection.begin('c');
    selection.extend(list, 'd');
    selection.begin('d');
    selection.extend(list, 'e');
    expect(chosen(selection)).toBe('cde');
  });

  it('a row that left the list does not stay chosen', () => {
    const selection = new Selection();
    selection.all(list);
    selection.keep(list.slice(0, 3));
    expect(chosen(selection)).toBe('abc');
    selection.clear();
    expect(selection.size).toBe(0);
  });

  it('a range whose beginning left the list begins anew', () => {
    const selection = new Selection();
    selection.toggle('b');
    selection.extend(list.slice(3), 'f');
    expect(chosen(selection)).toBe('bf');
  });
});
