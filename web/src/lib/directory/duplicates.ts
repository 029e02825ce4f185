type Named = { id: string; name: string };

/** Words that say what sort of company it is, and not which. */
const sorts = new Set(
  [
    'gmbh',
    'ag',
    'ltd',
    'limited',
    'inc',
    'llc',
    'co',
    'corp',
    'company',
    'sro',
    'as',
    'sa',
    'bv',
    'ab',
    'oy',
    'kg',
    'plc',
    'the',
    'and',
    'und',
  ].concat(['group', 'branch']),
);

/**
 * What a name comes to when case, accents, signs, the form of the company and the order of the words do not count.
 * Equal ones are likely the same.
 */
export function nameKey(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    // S.R.O. and s.r.o. are one word.
    .replace(/(?<=\b\p{L})\.(?=\p{L}\b)/gu, '')
    .replace(/&/g, ' and ');
  const words = plain.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
  const telling = words.filter((word) => !sorts.has(word));
  return (telling.length > 0 ? telling : words).toSorted().join(' ');
}

/** Records that are likely the same, in groups of two and more, by name. */
export function likelyDuplicates<T extends Named>(records: Iterable<T>): T[][] {
  const groups = new Map<string, T[]>();
  for (const record of records) {
    const key = nameKey(record.name);
    if (key === '') continue;
    const group = groups.get(key);
    if (group) group.push(record);
    else groups.set(key, [record]);
  }
  const byName = (a: Named, b: Named) => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1);
  return [...groups.values()]
    .filter((group) => group.length > 1)
    .map((group) => group.toSorted(byName))
    .toSorted((a, b) => byName(a[0]!, b[0]!));
}
