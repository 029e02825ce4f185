import type { Audience } from '@opsboard/shared/protocol/audiences';
import { viewOf } from '@opsboard/shared/protocol/audiences';
import type { OrgState } from '../journal/org-state.ts';
import { Names } from './names.ts';

/** The names of what directory records point at, as somebody sees them. */
export type NameBook = {
  /** The one of this name that may be chosen. */
  find(kind: 'branch' | 'person', name: string): string | 'several' | undefined;
  /** What one is called, archived or not; a dash for what the asker does not see. */
  nameOf(kind: 'branch' | 'person', id: string): string;
};

export function nameBook(state: OrgState, audience: Audience): NameBook {
  const may = {
    branch: new Names(
      [...state.all('branch')].filter((one) => one.archivedAt === undefined && viewOf(audience, 'branch', one)),
    ),
    person: new Names(
      [...state.all('person')].filter(
        (one) => one.inactiveAt === undefined && one.role !== 'display' && viewOf(audience, 'person', one),
      ),
    ),
  };
  return {
    find: (kind, name) => {
      const found = may[kind].find(name);
      return found === 'several' ? found : found?.id;
    },
    nameOf: (kind, id) => {
      const record = state.get(kind, id);
      return (record && viewOf(audience, kind, record as never) && record.name) || '–';
    },
  };
}
