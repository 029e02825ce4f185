import { describe, expect, it } from 'vitest';
import { parseScan, type Scanned } from './parse.ts';

const id = '019a0000-0000-7000-8000-000000000001';

describe('what a label says', () => {
  it.each<[string, Scanned]>([
    ['P-40017', { text: 'P-40017', part: 'P-40017' }],
    ['pmp/7_a', { text: 'pmp/7_a', part: 'PMP/7_A' }],
    ['B-2041', { text: 'B-2041', reference: 'B-2041', part: 'B-2041' }],
    ['b-2041', { text: 'b-2041', reference: 'B-2041', part: 'B-2041' }],
    ['  P-40017\r\n', { text: 'P-40017', part: 'P-40017' }],
    [']Q1P-40017', { text: 'P-40017', part: 'P-40017' }],
    ['(01)0950600013', { text: '(01)0950600013' }],
    ['$where', { text: '$where' }],
    ['', { text: '' }],
    ['x'.repeat(41), { text: 'x'.repeat(41) }],
    [
      `https://board.example/operations/batches/${id}`,
      { text: `https://board.example/operations/batches/${id}`, batch: id },
    ],
    [`https://board.example/operations/batches/${id}x`, { text: `https://board.example/operations/batches/${id}x` }],
  ])('%j', (text, read) => {
    expect(parseScan(text)).toEqual(read);
  });

  it.each<[string, string, string, string | undefined]>([
    ['the layout’s own reading wins where it is a part ID', 'PZ-7', 'PY/7', 'PZ-7'],
    ['a US scanner on a German layout', 'Pß40017', 'P-40017', 'P-40017'],
    ['a US scanner on a French layout', 'P)à&é', 'P-012', 'P-012'],
    ['neither reading is one', 'ß$', '-$', undefined],
  ])('%s', (_what, text, plain, part) => {
    expect(parseScan(text, plain).part).toBe(part);
  });
});
