import { partIdPattern } from '@opsboard/shared/batches/steps';
import { queryOf } from '@opsboard/shared/batches/filter';
import type { FoundPart } from '@opsboard/shared/find/found';
import type { KeyName } from '#lib/shell/keys.ts';

/** Something that can be done from here: a page to go to, or an act. `words` are what it is found by, too. */
export type FindCommand = {
  id: string;
  label: string;
  icon: 'add' | 'filter' | 'go' | 'view' | 'theme' | 'keys' | 'import' | 'sign-out';
  words?: string;
  /** The key that does the same. */
  key?: KeyName;
} & (
  | { href: string }
  | { act: 'new-batch'; parts?: readonly string[] }
  | { act: 'keys' | 'light' | 'dark' | 'system' | 'sign-out' }
);

/** What decides which commands there are. */
export type CommandContext = {
  may: { create: boolean; directory: boolean; people: boolean; import: boolean; operations: boolean; routes: boolean };
  views: readonly { id: string; name: string; page: 'board' | 'batches'; query: string }[];
};

function standing({ may, views }: CommandContext): FindCommand[] {
  const { create, directory, people, import: imports, operations, routes } = may;
  return [
    ...(create
      ? [{ id: 'new', label: 'New batch', icon: 'add', act: 'new-batch', key: 'newBatch', words: 'create' } as const]
      : []),
    ...(routes
      ? [
          {
            id: 'new-route',
            label: 'Plan a route',
            icon: 'add',
            href: '/operations/routes?new=1',
            words: 'new driver stops',
          } as const,
        ]
      : []),
    ...(operations
      ? ([
          { id: 'dashboard', label: 'Go to the dashboard', icon: 'go', href: '/operations', words: 'home' },
          { id: 'board', label: 'Go to the board', icon: 'go', href: '/operations/board', words: 'kanban' },
          { id: 'batches', label: 'Go to the batches', icon: 'go', href: '/operations/batches', words: 'list table' },
          {
            id: 'routes',
            label: 'Go to the routes',
            icon: 'go',
            href: '/operations/routes',
            words: 'drivers stops today day',
          },
          { id: 'wall', label: 'Go to the wall', icon: 'go', href: '/wall', words: 'screen' },
        ] as const)
      : []),
    ...views.map(({ id, name, page, query }): FindCommand => ({
      id: `view-${id}`,
      label: `Open the view “${name}”`,
      icon: 'view',
      href: `/operations/${page}${query ? `?${query}` : ''}`,
      words: 'saved',
    })),
    ...(imports
      ? [
          {
            id: 'import',
            label: 'Import from CSV',
            icon: 'import',
            href: '/settings/import',
            words: 'upload file',
          } as const,
        ]
      : []),
    ...(directory
      ? [
          {
            id: 'directory',
            label: 'Go to the directory',
            icon: 'go',
            href: '/settings/customers',
            words: 'settings customers branches centers',
          } as const,
        ]
      : []),
    ...(people
      ? [
          {
            id: 'people',
            label: 'Go to people',
            icon: 'go',
            href: '/settings/people',
            words: 'settings users invite roles',
          } as const,
        ]
      : []),
    { id: 'profile', label: 'Go to your profile', icon: 'go', href: '/settings/profile', words: 'settings name phone' },
    {
      id: 'security',
      label: 'Go to security',
      icon: 'go',
      href: '/settings/security',
      words: 'settings password sessions devices second factor',
    },
    { id: 'keys', label: 'Show all keys', icon: 'keys', act: 'keys', key: 'keys', words: 'shortcuts help' },
    { id: 'light', label: 'Switch to the light theme', icon: 'theme', act: 'light', words: 'colour bright' },
    { id: 'dark', label: 'Switch to the dark theme', icon: 'theme', act: 'dark', words: 'colour night' },
    { id: 'system', label: 'Follow the theme of this device', icon: 'theme', act: 'system', words: 'colour system' },
    { id: 'sign-out', label: 'Sign out', icon: 'sign-out', act: 'sign-out', words: 'log out leave' },
  ];
}

/** The commands for what was typed: those that are about it first, then those whose words it names. */
export function commandsFor(
  words: string,
  parts: readonly FoundPart[],
  answered: boolean,
  context: CommandContext,
): FindCommand[] {
  const text = words.trim();
  const all = standing(context);
  if (text === '') return all;
  const wanted = text.toLowerCase().split(/\s+/);
  const named = all.filter(({ label, words: more = '' }) =>
    wanted.every((word) => ` ${label} ${more}`.toLowerCase().includes(` ${word}`)),
  );
  const about: FindCommand[] = [];
  const upper = text.toUpperCase();
  const [first] = parts;
  const held = first && first.batch.status !== 'completed' && !first.batch.archived;
  // A part that is in an open batch would be refused; what nobody knows may be a new part, if it looks like one.
  const fresh = first
    ? held
      ? undefined
      : first.part
    : answered && partIdPattern.test(text) && /\d/.test(text)
      ? upper
      : undefined;
  if (context.may.create && fresh !== undefined) {
    about.push({
      id: 'new-with',
      label: `New batch with ${fresh}`,
      icon: 'add',
      act: 'new-batch',
      parts: [fresh],
      key: 'newBatch',
    });
  }
  if (context.may.operations) {
    about.push(
      first
        ? {
            id: 'filter-part',
            label: `Filter batches by part ${first.part}`,
            icon: 'filter',
            href: `/operations/batches${queryOf({ part: first.part, completed: 'all' })}`,
            key: 'filter',
          }
        : {
            id: 'filter',
            label: `Filter batches by “${text}”`,
            icon: 'filter',
            href: `/operations/batches${queryOf({ q: text })}`,
            key: 'filter',
          },
    );
  }
  return named.length > 0 && !first ? [...named, ...about] : [...about, ...named];
}
