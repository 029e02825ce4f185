import type { RightName } from '@opsboard/shared/protocol/rights';

/** The groups of the settings, in the order in which they are listed. */
export const settingsGroups = ['You', 'Organization', 'Directory', 'Data'] as const;
export type SettingsGroup = (typeof settingsGroups)[number];

/** One page of the settings. It is listed for those who have the right; without one, for everybody. */
export type SettingsPage = { href: string; label: string; group: SettingsGroup; right?: RightName };

/** Every page of the settings, in the order in which they are listed. */
export const settingsPages: readonly SettingsPage[] = [
  { href: '/settings/profile', label: 'Profile', group: 'You' },
  { href: '/settings/security', label: 'Security', group: 'You' },
  { href: '/settings/organization', label: 'General', group: 'Organization', right: 'directory.read' },
  { href: '/settings/people', label: 'People', group: 'Organization', right: 'person.create' },
  { href: '/settings/teams', label: 'Teams', group: 'Organization', right: 'directory.read' },
  { href: '/settings/keys', label: 'API keys', group: 'Organization', right: 'apiKey.create' },
  { href: '/settings/access', label: 'Access log', group: 'Organization', right: 'access.read' },
  { href: '/settings/retention', label: 'Retention', group: 'Organization', right: 'retention.read' },
  { href: '/settings/branches', label: 'Branches', group: 'Directory', right: 'directory.read' },
  { href: '/settings/warehouses', label: 'Warehouses', group: 'Directory', right: 'directory.read' },
  { href: '/settings/vendors', label: 'Vendors', group: 'Directory', right: 'directory.read' },
  { href: '/settings/customers', label: 'Customers', group: 'Directory', right: 'directory.read' },
  { href: '/settings/centers', label: 'Service centers', group: 'Directory', right: 'directory.read' },
  { href: '/settings/parts', label: 'Parts', group: 'Directory', right: 'parts.read' },
  { href: '/settings/import', label: 'Import', group: 'Data', right: 'import' },
];

/** The pages that somebody may open, by group; a group without any is left out. */
export function settingsFor(
  may: (right: RightName) => boolean,
): { group: SettingsGroup; pages: readonly SettingsPage[] }[] {
  return settingsGroups
    .map((group) => ({
      group,
      pages: settingsPages.filter((page) => page.group === group && (page.right === undefined || may(page.right))),
    }))
    .filter(({ pages }) => pages.length > 0);
}

/** The page that an address belongs to: `/settings/customers/…` belongs to `/settings/customers`. */
export const settingsPageOf = (path: string): SettingsPage | undefined =>
  settingsPages.find(({ href }) => path === href || path.startsWith(`${href}/`));
