import { afterEach, describe, expect, it, vi } from 'vitest';
import { keepLabelSize, keepPaperSize, labelsAddress, labelSize, manifestAddress, paperSize } from './paper.ts';

const speaking = (language: string) => vi.stubGlobal('navigator', { language });
const storage = (kept: { [key: string]: string }) =>
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept[key] ?? null,
    setItem: (key: string, value: string) => void (kept[key] = value),
  });

afterEach(() => vi.unstubAllGlobals());

describe('paper', () => {
  it.each([
    ['en-US', 'letter'],
    ['fr-CA', 'letter'],
    ['es-MX', 'letter'],
    ['en-GB', 'a4'],
    ['de', 'a4'],
    ['de-DE', 'a4'],
  ])('is at first what is in the printers of %s: %s', (language, size) => {
    storage({});
    speaking(language);
    expect([paperSize(), labelSize()]).toEqual([size, size]);
  });

  it('is then what was chosen here last, for each document', () => {
    storage({});
    speaking('de-DE');
    keepPaperSize('letter');
    expect([paperSize(), labelSize()]).toEqual(['letter', 'letter']);
    keepLabelSize('roll');
    expect([paperSize(), labelSize()]).toEqual(['letter', 'roll']);
  });

  it('is never what the server does not know, and needs no storage', () => {
    storage({ 'opsboard.paper': 'a5', 'opsboard.labels': '<b>' });
    speaking('de-DE');
    expect([paperSize(), labelSize()]).toEqual(['a4', 'a4']);
    vi.stubGlobal('localStorage', {
      getItem: () => {
        throw new Error('denied');
      },
      setItem: () => {
        throw new Error('denied');
      },
    });
    expect(() => keepPaperSize('letter')).not.toThrow();
    expect(paperSize()).toBe('a4');
  });
});

it('addresses name size and place', () => {
  expect(manifestAddress('x', 'a4')).toBe('/api/batches/x/manifest.pdf?size=a4');
  expect(labelsAddress('x', 'letter', 1)).toBe('/api/batches/x/labels.pdf?size=letter');
  expect(labelsAddress('x', 'a4', 7)).toBe('/api/batches/x/labels.pdf?size=a4&from=7');
});
