/** Every time zone that can be chosen, by its IANA name. The browser's own list leaves out UTC. */
export const timeZones: readonly string[] = [
  'UTC',
  ...Intl.supportedValuesOf('timeZone').filter((name) => name !== 'UTC'),
];
