/** How moments are written on paper: with weekday and year, because paper is read later and elsewhere. */
export type When = {
  /** As `Thu 15 Oct 2026`. */
  day(at: number): string;
  /** As `Thu 15 Oct 2026, 14:32`. */
  moment(at: number): string;
};

/** @param timeZone IANA name */
export function whenIn(timeZone: string): When {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const day = (all: { [part: string]: string }): string =>
    // September is "Sept" in newer ICU data: three letters everywhere.
    `${all['weekday']} ${all['day']} ${all['month']?.slice(0, 3)} ${all['year']}`;
  const parts = (at: number): { [part: string]: string } =>
    Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return {
    day: (at) => day(parts(at)),
    moment: (at) => {
      const all = parts(at);
      return `${day(all)}, ${all['hour']}:${all['minute']}`;
    },
  };
}
