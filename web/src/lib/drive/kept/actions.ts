import type { WireError } from '@opsboard/shared/protocol/errors';
import type { KeptAction } from './action.ts';
import { database } from './database.ts';

/** Where actions are kept: the browser's store, or the page's memory where there is none. All lists are in order. */
export type Actions = {
  /** Everything of a person's: waiting, acknowledged and refused. */
  all(person: string): Promise<KeptAction[]>;
  /** Resolves once it would survive the phone's battery. */
  add(action: KeptAction): Promise<void>;
  /** Changes what is kept of one action, in one stroke; gives it as it is then, undefined when it is gone. */
  change(
    commandId: string,
    person: string,
    change: (action: KeptAction) => KeptAction,
  ): Promise<KeptAction | undefined>;
  /** Puts a refusal down, once, and in the same stroke what tells the desk of it. */
  refuse(action: KeptAction, refused: { error: WireError; at: number }, report: KeptAction | undefined): Promise<void>;
  remove(commandIds: readonly string[], person: string): Promise<void>;
  /** How many actions of others wait on this phone. */
  ofOthers(person: string): Promise<number>;
};

/** Whether an action still has to be sent. */
export const waits = ({ acked, refused }: KeptAction): boolean => !acked && !refused;

export const storedActions: Actions = {
  all: async (person) => (await database()).getAllFromIndex('actions', 'person', person),

  add: async (action) => {
    const transaction = (await database()).transaction('actions', 'readwrite', { durability: 'strict' });
    await Promise.all([transaction.store.add(action), transaction.done]);
  },

  change: async (commandId, person, change) => {
    const transaction = (await database()).transaction('actions', 'readwrite', { durability: 'strict' });
    const found = (await transaction.store.index('person').getAll(person)).find((one) => one.commandId === commandId);
    const changed = found && change(found);
    if (changed) await transaction.store.put(changed);
    await transaction.done;
    return changed;
  },

  refuse: async (action, refused, report) => {
    const transaction = (await database()).transaction('actions', 'readwrite', { durability: 'strict' });
    const found = action.order === undefined ? undefined : await transaction.store.get(action.order);
    // Another page may have been told the same.
    if (found && !found.refused) {
      await transaction.store.put({ ...found, refused });
      if (report) await transaction.store.add(report);
    }
    await transaction.done;
  },

  remove: async (commandIds, person) => {
    const transaction = (await database()).transaction('actions', 'readwrite');
    for (const { order, commandId } of await transaction.store.index('person').getAll(person)) {
      if (order !== undefined && commandIds.includes(commandId)) await transaction.store.delete(order);
    }
    await transaction.done;
  },

  ofOthers: async (person) =>
    (await (await database()).getAll('actions')).filter((one) => one.person !== person && waits(one)).length,
};

/** For a browser that keeps nothing: what waits lasts as long as the page. */
export function heldActions(): Actions {
  let list: KeptAction[] = [];
  let last = 0;
  const put = (action: KeptAction): void => void list.push({ ...action, order: ++last });
  const replace = (commandId: string, change: (action: KeptAction) => KeptAction): KeptAction | undefined => {
    list = list.map((one) => (one.commandId === commandId ? change(one) : one));
    return list.find((one) => one.commandId === commandId);
  };
  return {
    all: (person) => Promise.resolve(list.filter((one) => one.person === person)),
    add: (action) => Promise.resolve(put(action)),
    change: (commandId, _person, change) => Promise.resolve(replace(commandId, change)),
    refuse: (action, refused, report) => {
      // Two attempts may have been told the same.
      if (!list.some((one) => one.commandId === action.commandId && !one.refused)) return Promise.resolve();
      replace(action.commandId, (one) => ({ ...one, refused }));
      if (report) put(report);
      return Promise.resolve();
    },
    remove: (commandIds) => Promise.resolve(void (list = list.filter((one) => !commandIds.includes(one.commandId)))),
    ofOthers: () => Promise.resolve(0),
  };
}
