/** The zone in which every time is written: the organization's, until it is known this machine's. */
class Zone {
  name = $state(Intl.DateTimeFormat().resolvedOptions().timeZone);
}

export const zone = new Zone();
