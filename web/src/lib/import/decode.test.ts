import { describe, expect, it } from 'vitest';
import { decodeFile } from './decode.ts';

const utf16 = (text: string, little: boolean): number[] =>
  [...text].flatMap((sign) => {
    const code = sign.charCodeAt(0);
    return little ? [code & 255, code >> 8] : [code >> 8, code & 255];
  });

describe('the text of a file', () => {
  it.each([
    ['UTF-8', [...new TextEncoder().encode('Größe,é')], 'Größe,é'],
    ['UTF-8 with its mark', [0xef, 0xbb, 0xbf, ...new TextEncoder().encode('Größe')], 'Größe'],
    ['UTF-16 from Excel', [0xff, 0xfe, ...utf16('Größe\tA', true)], 'Größe\tA'],
    ['UTF-16, the other way round', [0xfe, 0xff, ...utf16('Größe', false)], 'Größe'],
    ['UTF-16 without its mark', utf16('Name', true), 'Name'],
    ['the code page of Western Windows', [0x47, 0x72, 0xf6, 0xdf, 0x65, 0x80], 'Größe€'],
    ['nothing', [], ''],
  ])('%s', (_what, bytes, text) => {
    expect(decodeFile(new Uint8Array(bytes))).toEqual({ ok: true, text });
  });

  it.each([
    ['a workbook', [0x50, 0x4b, 3, 4], /workbook/],
    ['a picture', [0x89, 0x50, 0x4e, 0x47, 0, 0, 0], /not text/],
  ])('%s is refused with what to do', (_what, bytes, said) => {
    const decoded = decodeFile(new Uint8Array(bytes));
    expect(decoded.ok).toBe(false);
    if (!decoded.ok) expect(decoded.message).toMatch(said);
  });
});
