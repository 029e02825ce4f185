const names = [
  'map-land',
  'map-block',
  'map-water',
  'map-park',
  'map-street',
  'map-street-edge',
  'map-label',
  'map-border',
  'surface',
  'sunken',
  'line',
  'line-strong',
  'control',
  'text',
  'text-2',
  'text-3',
  'inverse',
  'on-inverse',
  'accent',
  'accent-line',
  'on-accent',
  'breach',
  'breach-text',
  'breach-line',
  'on-breach',
  'risk',
  'risk-text',
  'risk-line',
  'on-risk',
] as const;

/** The tokens that a map is drawn with, as the page's theme has them now: a canvas cannot read custom properties. */
export type Colours = { readonly [Name in (typeof names)[number]]: string };

/** Reads the tokens from the page. Read again whenever the theme changes. */
export function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element);
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()])) as Colours;
}
