/** Of the first and the last name; a dash for nobody. */
export function initialsOf(name: string | undefined): string {
  const words = (name ?? '').split(/\s+/).filter(Boolean);
  const letters = words.filter((_, i) => i === 0 || i === words.length - 1).map((word) => word[0] ?? '');
  return letters.join('').toUpperCase() || '–';
}
