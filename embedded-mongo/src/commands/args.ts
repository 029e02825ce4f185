import { Code, MongoError } from '../errors.ts';
import { asInteger, type Doc, isDoc, isNumber, toDouble, typeNameOf, type Value } from '../values/index.ts';

function wrongType(name: string, value: Value, expected: string): MongoError {
  return new MongoError(
    Code.TypeMismatch,
    `BSON field '${name}' is the wrong type '${typeNameOf(value)}', expected type '${expected}'`,
  );
}

/** Whether a field was given at all; null counts as left out. */
export function given(command: Doc, name: string): boolean {
  const value = command.get(name);
  return value !== undefined && value !== null;
}

/** A text field that must be there. */
export function text(command: Doc, name: string): string {
  const value = command.get(name);
  if (typeof value !== 'string') throw wrongType(name, value, 'string');
  return value;
}

/** A document field, or undefined. */
export function optionalDoc(command: Doc, name: string): Doc | undefined {
  const value = command.get(name);
  if (value === undefined || value === null) return undefined;
  if (!isDoc(value)) throw wrongType(name, value, 'object');
  return value;
}

/** A document field that must be there. */
export function requiredDoc(command: Doc, name: string): Doc {
  const value = optionalDoc(command, name);
  if (value === undefined) throw new MongoError(40414, `BSON field '${name}' is missing but a required field`);
  return value;
}

/** A truth value; numbers count as MongoDB counts them. */
export function flag(command: Doc, name: string, otherwise = false): boolean {
  const value = command.get(name);
  if (value === undefined || value === null) return otherwise;
  if (typeof value === 'boolean') return value;
  if (isNumber(value)) return toDouble(value) !== 0;
  throw wrongType(name, value, 'bool');
}

/** A whole number that is not negative, or undefined. */
export function optionalCount(command: Doc, name: string): number | undefined {
  const value = command.get(name);
  if (value === undefined || value === null) return undefined;
  if (!isNumber(value)) throw wrongType(name, value, 'long');
  const number = asInteger(value) ?? Math.trunc(toDouble(value));
  if (number < 0) throw new MongoError(51024, `BSON field '${name}' value must be >= 0, actual value '${number}'`);
  return number;
}

/** A list of documents that must be there. */
export function docs(command: Doc, name: string): Doc[] {
  const value = command.get(name);
  if (value === undefined) throw new MongoError(40414, `BSON field '${name}' is missing but a required field`);
  if (!Array.isArray(value)) throw wrongType(name, value, 'array');
  for (const item of value) if (!isDoc(item)) throw wrongType(name, item, 'object');
  return value as Doc[];
}

/** Refuses fields that a statement or an option document may not have. */
export function onlyKnown(doc: Doc, what: string, known: ReadonlySet<string>): void {
  for (const name of doc.keys()) {
    if (!known.has(name)) throw new MongoError(40415, `BSON field '${what}.${name}' is an unknown field.`);
  }
}
