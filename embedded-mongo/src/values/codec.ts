import { MongoError } from '../errors.ts';
import { invalid, readDoc } from './reader.ts';
import type { Doc } from './types.ts';
import { BsonWriter } from './writer.ts';

/** The largest document that a client may store, in bytes. */
export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;
/** What a command or reply may weigh: a document of full size and its wrapping. */
export const MAX_INTERNAL_BYTES = MAX_DOCUMENT_BYTES + 16 * 1024;

/**
 * Decodes the document at `offset`. Repeated keys: the last one counts, at the place of the first.
 * Throws InvalidBSON (22) for damaged input and Overflow (15) for too deep nesting.
 */
export function decode(buffer: Buffer, offset = 0): Doc {
  try {
    return readDoc(buffer, offset, buffer.length, 1);
  } catch (error) {
    // Lengths that lie make Node or bson throw errors of their own.
    throw error instanceof MongoError ? error : invalid(String((error as Error).message));
  }
}

/** Encodes a document. Throws BSONObjectTooLarge (10334) above `maxBytes`. The buffer returned is the caller's. */
export function encode(doc: Doc, maxBytes = MAX_INTERNAL_BYTES): Buffer {
  const writer = BsonWriter.shared(maxBytes);
  writer.doc(doc);
  return writer.take();
}
