import { Code, MongoError } from '../errors.ts';
import {
  asInteger,
  compareStrings,
  type Doc,
  equal,
  type StringComparator,
  typeNameOf,
  type Value,
} from '../values/index.ts';

/** A collation that was checked, with the order of strings that it asks for. */
export interface Collation {
  /** What the client said, for comparing two collations and for index specifications. */
  readonly spec: Doc;
  readonly compare: StringComparator;
}

const FIELDS = new Set([
  'locale',
  'caseLevel',
  'caseFirst',
  'strength',
  'numericOrdering',
  'alternate',
  'maxVariable',
  'normalization',
  'backwards',
  'version',
]);
const SENSITIVITY = ['base', 'accent', 'variant'] as const;

function bool(spec: Doc, name: string): boolean {
  const value = spec.get(name);
  if (value === undefined) return false;
  if (typeof value !== 'boolean') {
    throw new MongoError(Code.TypeMismatch, `Field '${name}' is of type ${typeNameOf(value)}, expected bool`);
  }
  return value;
}

function unsupported(what: string): MongoError {
  return new MongoError(Code.NotImplemented, `collation with ${what} is not supported`);
}

const made = new Map<string, Collation>();

/**
 * Reads a collation; undefined for `{locale: 'simple'}`, which is the order of bytes. Strengths 1 to 3, case level,
 * case first and numeric ordering are there; anything that would give a different order is refused (code 238).
 */
export function readCollation(value: Value): Collation | undefined {
  if (value === undefined) return undefined;
  if (!(value instanceof Map)) {
    throw new MongoError(Code.TypeMismatch, `collation must be an object, not ${typeNameOf(value)}`);
  }
  if (value.size === 0) return undefined;
  for (const name of value.keys()) {
    if (!FIELDS.has(name)) throw new MongoError(40415, `BSON field 'collation.${name}' is an unknown field.`);
  }
  const locale = value.get('locale');
  if (typeof locale !== 'string')
    throw new MongoError(40414, "BSON field 'collation.locale' is missing but a required field");
  if (locale === 'simple') return undefined;
  const key = JSON.stringify([...value].map(([name, item]) => [name, String(item)]));
  const known = made.get(key);
  if (known) return known;
  const strength = value.has('strength') ? asInteger(value.get('strength')) : 3;
  if (strength === undefined || strength < 1 || strength > 5) {
    throw new MongoError(Code.BadValue, 'collation strength must be an integer from 1 to 5');
  }
  if (strength > 3) throw unsupported(`strength ${strength}`);
  if (bool(value, 'backwards')) throw unsupported('backwards: true');
  bool(value, 'normalization');
  const alternate = value.get('alternate') ?? 'non-ignorable';
  if (alternate !== 'non-ignorable') throw unsupported(`alternate: ${String(alternate)}`);
  const caseFirst = value.get('caseFirst') ?? 'off';
  if (caseFirst !== 'off' && caseFirst !== 'upper' && caseFirst !== 'lower') {
    throw new MongoError(Code.BadValue, "collation caseFirst must be 'upper', 'lower' or 'off'");
  }
  const caseLevel = bool(value, 'caseLevel');
  if (caseLevel && strength === 2) throw unsupported('caseLevel at strength 2');
  const sensitivity =
    caseLevel && strength === 1 ? 'case' : (SENSITIVITY[strength - 1] as 'base' | 'accent' | 'variant');
  const tag = locale.replace(/@.*/, '').replaceAll('_', '-');
  let collator: Intl.Collator;
  try {
    if (Intl.Collator.supportedLocalesOf([tag]).length === 0) throw new RangeError('unknown locale');
    collator = new Intl.Collator(tag, {
      sensitivity,
      numeric: bool(value, 'numericOrdering'),
      caseFirst: caseFirst === 'off' ? 'false' : caseFirst,
    });
  } catch {
    throw new MongoError(Code.BadValue, `Field 'locale' is invalid in: { locale: "${locale}" }`);
  }
  const collation = { spec: value, compare: (left: string, right: string) => Math.sign(collator.compare(left, right)) };
  if (made.size > 200) made.clear();
  made.set(key, collation);
  return collation;
}

const DEFAULTS: readonly (readonly [string, Value])[] = [
  ['caseLevel', false],
  ['caseFirst', 'off'],
  ['strength', 3],
  ['numericOrdering', false],
  ['alternate', 'non-ignorable'],
  ['backwards', false],
];

/** Whether two collations, as clients wrote them, ask for the same order; undefined is the order of bytes. */
export function sameCollation(left: Doc | undefined, right: Doc | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  if (left.get('locale') !== right.get('locale')) return false;
  return DEFAULTS.every(([name, value]) => equal(left.get(name) ?? value, right.get(name) ?? value));
}

/** The order of strings of a collation, that of bytes without one. */
export function stringOrder(collation: Collation | undefined): StringComparator {
  return collation?.compare ?? compareStrings;
}
