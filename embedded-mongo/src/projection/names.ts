import { MongoError } from '../errors.ts';

/** Refuses what cannot be a component of a path that a projection names. */
export function checkName(part: string, path: string): void {
  if (part === '') {
    throw path.endsWith('.')
      ? new MongoError(40353, "FieldPath must not end with a '.'.")
      : new MongoError(path === '' ? 40352 : 15998, 'FieldPath field names may not be empty strings.');
  }
  if (part.startsWith('$')) {
    throw new MongoError(16410, "FieldPath field names may not start with '$'. Consider using $getField or $setField.");
  }
}
