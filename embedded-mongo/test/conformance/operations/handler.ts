import type { Document } from 'bson';

/** One operation: what it acts on and its arguments, with sessions already looked up. */
// Arguments come from a file and go to the driver as they are: there is nothing to be typed in between.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Handler<T> = (target: T, args: Record<string, any>) => Promise<unknown>;

/** Operations by name. */
export type Handlers<T> = Record<string, Handler<T>>;

/** The format writes Before and After, the driver wants before and after. */
export function lowerReturnDocument(options: Document): Document {
  const { returnDocument, ...rest } = options;
  return returnDocument === undefined ? rest : { ...rest, returnDocument: String(returnDocument).toLowerCase() };
}
