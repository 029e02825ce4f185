import type { DBSchema, IDBPDatabase } from 'idb';
import { openDB } from 'idb';
import type { KeptFix } from '../outbox.ts';
import type { KeptAction } from './action.ts';

/** What a phone keeps. `kept` holds whatever there is one of: the clock, the last person, a person's records by kind. */
export interface Kept extends DBSchema {
  actions: { key: number; value: KeptAction; indexes: { person: string } };
  kept: { key: string; value: unknown };
  positions: { key: number; value: KeptFix };
}
export type Database = IDBPDatabase<Kept>;

const name = 'opsboard-drive';
const version = 2;
/** A browser that neither opens nor refuses in this time does not keep anything, milliseconds. */
const patience = 4_000;

let opened: Promise<Database> | undefined;

/**
 * This browser's store, opened once.
 *
 * @throws {Error} where the browser keeps nothing: a private window, a full disk, a setting
 */
export function database(): Promise<Database> {
  opened ??= open().catch((problem: unknown) => {
    // Asked again the next time: a disk may have room again.
    opened = undefined;
    throw problem;
  });
  return opened;
}

async function open(): Promise<Database> {
  if (!('indexedDB' in globalThis)) throw new Error('This browser has no store of its own.');
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('The store of this browser does not open.')), patience);
  });
  try {
    return await Promise.race([late, openNow()]);
  } finally {
    clearTimeout(timer);
  }
}

async function openNow(): Promise<Database> {
  const db: Database = await openDB<Kept>(name, version, {
    upgrade(store, before) {
      if (before < 1) {
        store.createObjectStore('actions', { keyPath: 'order', autoIncrement: true }).createIndex('person', 'person');
        store.createObjectStore('kept');
      }
      if (before < 2) store.createObjectStore('positions', { keyPath: 'key', autoIncrement: true });
    },
    // A newer release, in another tab, wants to change the store: this one lets go and opens it again when needed.
    blocking: () => forget(db),
    terminated: () => forget(db),
  });
  return db;
}

function forget(db: Database): void {
  opened = undefined;
  db.close();
}
