/** Where a place is, as far as it is known. */
export type Where = {
  readonly name: string;
  readonly address?: string | undefined;
  readonly position?: readonly [number, number] | undefined;
};

/** A link that calls: digits and the leading plus only, because dialers differ in what else they take. */
export const callLink = (phone: string): string => `tel:${phone.replace(/[^\d+#*]/g, '')}`;

/**
 * A link that opens the phone's own maps with the way to a place; undefined where nobody knows where it is. No page of
 * anybody else is named: what opens is what the person has chosen on the phone.
 *
 * @param agent `navigator.userAgent`: Apple's phones do not know `geo:`
 */
export function wayLink({ name, address, position }: Where, agent: string): string | undefined {
  if (!position && !address) return undefined;
  const apple = /iPhone|iPad|iPod|Macintosh/.test(agent);
  const at = position && `${position[1]},${position[0]}`;
  if (apple) return `maps://?daddr=${encodeURIComponent(at ?? address!)}`;
  return at
    ? `geo:${at}?q=${at}(${encodeURIComponent(name)})`
    : `geo:0,0?q=${encodeURIComponent(`${name}, ${address!}`)}`;
}
