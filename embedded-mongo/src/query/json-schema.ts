import { Code, MongoError } from '../errors.ts';
import {
  asInteger,
  compare,
  compareNumbers,
  type Doc,
  docOf,
  encodeKeyString,
  equal,
  isNumber,
  MISSING,
  type Missing,
  type NumberValue,
  remainderDecimals,
  toBigint,
  toDecimal,
  toDouble,
  TYPE_ALIASES,
  typeNameOf,
  typeOf,
  type Value,
  type ValueTest,
} from '../values/index.ts';
import { compileRegex } from './regex.ts';

/** One keyword's rule: `passes` on a value, and what to report when it does not. */
interface Rule {
  readonly keyword: string;
  readonly passes: (value: Value | Missing) => boolean;
  readonly explain: (value: Value | Missing) => Doc;
}

interface Schema {
  readonly rules: readonly Rule[];
  readonly passes: (value: Value | Missing) => boolean;
}

const JSON_TYPES: Readonly<Record<string, readonly number[]>> = {
  object: [3],
  array: [4],
  number: [1, 16, 18, 19],
  boolean: [8],
  string: [2],
  null: [10],
};
const ANNOTATIONS = new Set(['title', 'description']);
const UNSUPPORTED = new Set(['$ref', '$schema', 'default', 'definitions', 'format', 'id']);

function bad(message: string, code: number = Code.FailedToParse): MongoError {
  return new MongoError(code, message);
}

function wrongType(keyword: string, expected: string): MongoError {
  return bad(`$jsonSchema keyword '${keyword}' must be ${expected}`, Code.TypeMismatch);
}

function count(keyword: string, value: Value): number {
  if (!isNumber(value)) throw wrongType(keyword, 'a number');
  const number = asInteger(value);
  if (number === undefined || number < 0) throw bad(`$jsonSchema keyword '${keyword}' must be a non-negative integer`);
  return number;
}

function document(keyword: string, value: Value): Doc {
  if (!(value instanceof Map)) throw wrongType(keyword, 'an object');
  return value;
}

function list(keyword: string, value: Value): Value[] {
  if (!Array.isArray(value)) throw wrongType(keyword, 'an array');
  if (value.length === 0) throw bad(`$jsonSchema keyword '${keyword}' cannot be an empty array`);
  return value;
}

function codePoints(text: string): number {
  let length = 0;
  for (const _ of text) length++;
  return length;
}

function typesOf(keyword: string, value: Value): Set<number> {
  const types = new Set<number>();
  for (const item of Array.isArray(value) ? list(keyword, value) : [value]) {
    if (typeof item !== 'string') throw wrongType(keyword, 'a string or an array of strings');
    const known = JSON_TYPES[item];
    if (keyword === 'type') {
      if (item === 'integer') throw bad("$jsonSchema type 'integer' is not currently supported.");
      if (!known) throw bad(`Unknown type name alias: ${item}`, Code.BadValue);
      for (const type of known) types.add(type);
    } else if (item === 'number') for (const type of [1, 16, 18, 19]) types.add(type);
    else {
      const type = TYPE_ALIASES.get(item);
      if (type === undefined) throw bad(`Unknown type name alias: ${item}`, Code.BadValue);
      types.add(type);
    }
  }
  return types;
}

function isMultiple(value: NumberValue, divisor: NumberValue): boolean {
  const [a, b] = [toBigint(value), toBigint(divisor)];
  if (a === undefined || b === undefined) return false;
  if (typeof value !== 'object' && typeof divisor !== 'object') return toDouble(value) % toDouble(divisor) === 0;
  return toDouble(remainderDecimals(toDecimal(value), toDecimal(divisor))) === 0;
}

/** A rule that speaks only of values of some type; others pass. */
function only<T extends Value>(
  keyword: string,
  spec: Value,
  guard: (value: Value | Missing) => value is T,
  test: (value: T) => boolean,
  reason: string,
): Rule {
  return {
    keyword,
    passes: (value) => !guard(value) || test(value),
    explain: (value) =>
      docOf(
        'operatorName',
        keyword,
        'specifiedAs',
        docOf(keyword, spec),
        'reason',
        reason,
        'consideredValue',
        value === MISSING ? null : value,
      ),
  };
}

const isText = (value: Value | Missing): value is string => typeof value === 'string';
const isArray = (value: Value | Missing): value is Value[] => Array.isArray(value);
const isDocument = (value: Value | Missing): value is Doc => value instanceof Map;
const isAny = (value: Value | Missing): value is Value => value !== MISSING;

type Build = (value: Value, schema: Doc) => Rule | undefined;

function nested(keyword: string, combine: (schemas: Schema[], value: Value | Missing) => boolean): Build {
  return (spec) => {
    const schemas = list(keyword, spec).map((item) => compile(document(keyword, item)));
    return only(keyword, spec, isAny, (value) => combine(schemas, value), `schema did not match as ${keyword} asks`);
  };
}

function properties(spec: Value): Rule {
  const schemas = [...document('properties', spec)].map(
    ([name, schema]) => [name, compile(document('properties', schema))] as const,
  );
  return {
    keyword: 'properties',
    passes: (value) =>
      !(value instanceof Map) || schemas.every(([name, schema]) => !value.has(name) || schema.passes(value.get(name))),
    explain: (value) =>
      docOf(
        'operatorName',
        'properties',
        'propertiesNotSatisfied',
        schemas.flatMap(([name, schema]) => {
          const item = (value as Doc).get(name);
          if (!(value as Doc).has(name) || schema.passes(item)) return [];
          const description =
            (spec as Doc).get(name) instanceof Map ? ((spec as Doc).get(name) as Doc).get('description') : undefined;
          const entry = docOf('propertyName', name);
          if (description !== undefined) entry.set('description', description);
          return [entry.set('details', explainRules(schema, item))];
        }),
      ),
  };
}

function required(spec: Value): Rule {
  const names = list('required', spec).map((name) => {
    if (typeof name !== 'string') throw wrongType('required', 'an array of strings');
    return name;
  });
  return {
    keyword: 'required',
    passes: (value) => !(value instanceof Map) || names.every((name) => value.has(name)),
    explain: (value) =>
      docOf(
        'operatorName',
        'required',
        'specifiedAs',
        docOf('required', spec),
        'missingProperties',
        names.filter((name) => !(value as Doc).has(name)),
      ),
  };
}

function additionalProperties(spec: Value, schema: Doc): Rule {
  const known = new Set(schema.get('properties') instanceof Map ? (schema.get('properties') as Doc).keys() : []);
  const patterns =
    schema.get('patternProperties') instanceof Map
      ? [...(schema.get('patternProperties') as Doc).keys()].map((pattern) => compileRegex(pattern))
      : [];
  if (typeof spec !== 'boolean' && !isDocument(spec)) throw wrongType('additionalProperties', 'an object or a boolean');
  const rest = typeof spec === 'boolean' ? undefined : compile(spec);
  const extra = (value: Doc) =>
    [...value.keys()].filter((name) => !known.has(name) && !patterns.some((pattern) => pattern.test(name)));
  const fails = (value: Doc) => extra(value).filter((name) => (rest ? !rest.passes(value.get(name)) : spec === false));
  return {
    keyword: 'additionalProperties',
    passes: (value) => !(value instanceof Map) || fails(value).length === 0,
    explain: (value) =>
      docOf(
        'operatorName',
        'additionalProperties',
        'specifiedAs',
        docOf('additionalProperties', spec),
        'additionalProperties',
        fails(value as Doc),
      ),
  };
}

function patternProperties(spec: Value): Rule {
  const schemas = [...document('patternProperties', spec)].map(
    ([pattern, schema]) => [compileRegex(pattern), compile(document('patternProperties', schema))] as const,
  );
  return only(
    'patternProperties',
    spec,
    isDocument,
    (value) =>
      [...value].every(([name, item]) =>
        schemas.every(([pattern, schema]) => !pattern.test(name) || schema.passes(item)),
      ),
    'property did not match its pattern',
  );
}

function dependencies(spec: Value): Rule {
  const entries = [...document('dependencies', spec)].map(([name, rule]): [string, (value: Doc) => boolean] => {
    if (Array.isArray(rule)) return [name, (value) => rule.every((other) => value.has(other as string))];
    const schema = compile(document('dependencies', rule));
    return [name, (value) => schema.passes(value)];
  });
  return only(
    'dependencies',
    spec,
    isDocument,
    (value) => entries.every(([name, test]) => !value.has(name) || test(value)),
    'dependencies not satisfied',
  );
}

function items(spec: Value): Rule {
  if (Array.isArray(spec)) {
    const schemas = spec.map((item) => compile(document('items', item)));
    return only(
      'items',
      spec,
      isArray,
      (value) => schemas.every((schema, index) => index >= value.length || schema.passes(value[index])),
      'item did not match',
    );
  }
  const schema = compile(document('items', spec));
  return only(
    'items',
    spec,
    isArray,
    (value) => value.every((item) => schema.passes(item)),
    'At least one item did not match the sub-schema',
  );
}

function additionalItems(spec: Value, schema: Doc): Rule | undefined {
  const first = schema.get('items');
  if (typeof spec !== 'boolean' && !isDocument(spec)) throw wrongType('additionalItems', 'an object or a boolean');
  if (!Array.isArray(first)) return undefined;
  const rest = typeof spec === 'boolean' ? undefined : compile(spec);
  return only(
    'additionalItems',
    spec,
    isArray,
    (value) => value.slice(first.length).every((item) => (rest ? rest.passes(item) : spec === true)),
    'found additional items',
  );
}

function bound(keyword: 'minimum' | 'maximum'): Build {
  return (spec, schema) => {
    if (!isNumber(spec)) throw wrongType(keyword, 'a number');
    const exclusiveName = keyword === 'minimum' ? 'exclusiveMinimum' : 'exclusiveMaximum';
    const exclusive = schema.get(exclusiveName);
    if (exclusive !== undefined && typeof exclusive !== 'boolean') throw wrongType(exclusiveName, 'a boolean');
    const direction = keyword === 'minimum' ? 1 : -1;
    return only(
      keyword,
      spec,
      isNumber,
      (value) => {
        const order = compareNumbers(value, spec) * direction;
        return exclusive === true ? order > 0 : order >= 0;
      },
      'comparison failed',
    );
  };
}

function size(keyword: string, measure: (value: Value | Missing) => number | undefined, isMinimum: boolean): Build {
  return (spec) => {
    const limit = count(keyword, spec);
    return only(
      keyword,
      spec,
      isAny,
      (value) => {
        const actual = measure(value);
        return actual === undefined || (isMinimum ? actual >= limit : actual <= limit);
      },
      'specified size was not satisfied',
    );
  };
}

const textLength = (value: Value | Missing) => (typeof value === 'string' ? codePoints(value) : undefined);
const arrayLength = (value: Value | Missing) => (Array.isArray(value) ? value.length : undefined);
const fieldCount = (value: Value | Missing) => (value instanceof Map ? value.size : undefined);

function needs(keyword: string, other: string): Build {
  return (_spec, schema) => {
    if (!schema.has(other)) throw bad(`$jsonSchema keyword '${other}' must be a present if ${keyword} is present`);
    return undefined;
  };
}

const BUILDERS: Readonly<Record<string, Build>> = {
  bsonType: (spec) => {
    const types = typesOf('bsonType', spec);
    return typeRule('bsonType', spec, types);
  },
  type: (spec) => typeRule('type', spec, typesOf('type', spec)),
  properties,
  required,
  additionalProperties,
  patternProperties,
  dependencies,
  items,
  additionalItems,
  minItems: size('minItems', arrayLength, true),
  maxItems: size('maxItems', arrayLength, false),
  minLength: size('minLength', textLength, true),
  maxLength: size('maxLength', textLength, false),
  minProperties: size('minProperties', fieldCount, true),
  maxProperties: size('maxProperties', fieldCount, false),
  uniqueItems: (spec) => {
    if (typeof spec !== 'boolean') throw wrongType('uniqueItems', 'a boolean');
    if (!spec) return undefined;
    return only(
      'uniqueItems',
      spec,
      isArray,
      (value) => new Set(value.map((item) => encodeKeyString([item]))).size === value.length,
      'found a duplicate item',
    );
  },
  enum: (spec) => {
    const values = list('enum', spec);
    return only(
      'enum',
      spec,
      isAny,
      (value) => values.some((wanted) => equal(value, wanted)),
      'value was not found in enum',
    );
  },
  minimum: bound('minimum'),
  maximum: bound('maximum'),
  exclusiveMinimum: needs('exclusiveMinimum', 'minimum'),
  exclusiveMaximum: needs('exclusiveMaximum', 'maximum'),
  multipleOf: (spec) => {
    if (!isNumber(spec)) throw wrongType('multipleOf', 'a number');
    if (compare(spec, 0) <= 0) throw bad("$jsonSchema keyword 'multipleOf' must have a positive value");
    return only(
      'multipleOf',
      spec,
      isNumber,
      (value) => isMultiple(value, spec),
      'considered value is not a multiple of the specified value',
    );
  },
  pattern: (spec) => {
    if (typeof spec !== 'string') throw wrongType('pattern', 'a string');
    const regex = compileRegex(spec);
    return only('pattern', spec, isText, (value) => regex.test(value), 'regular expression did not match');
  },
  allOf: nested('allOf', (schemas, value) => schemas.every((schema) => schema.passes(value))),
  anyOf: nested('anyOf', (schemas, value) => schemas.some((schema) => schema.passes(value))),
  oneOf: nested('oneOf', (schemas, value) => schemas.filter((schema) => schema.passes(value)).length === 1),
  not: (spec) => {
    const schema = compile(document('not', spec));
    return only('not', spec, isAny, (value) => !schema.passes(value), 'child expression matched');
  },
};

function typeRule(keyword: string, spec: Value, types: ReadonlySet<number>): Rule {
  return {
    keyword,
    passes: (value) => value === MISSING || types.has(typeOf(value)),
    explain: (value) =>
      docOf(
        'operatorName',
        keyword,
        'specifiedAs',
        docOf(keyword, spec),
        'reason',
        'type did not match',
        'consideredValue',
        value === MISSING ? null : value,
        'consideredType',
        typeNameOf(value),
      ),
  };
}

function compile(schema: Doc): Schema {
  const rules: Rule[] = [];
  if (schema.has('type') && schema.has('bsonType'))
    throw bad("Cannot specify both $jsonSchema keywords 'type' and 'bsonType'");
  for (const [keyword, spec] of schema) {
    if (ANNOTATIONS.has(keyword)) {
      if (typeof spec !== 'string') throw wrongType(keyword, 'a string');
      continue;
    }
    if (UNSUPPORTED.has(keyword)) throw bad(`$jsonSchema keyword '${keyword}' is not currently supported`);
    const build = Object.hasOwn(BUILDERS, keyword) ? BUILDERS[keyword] : undefined;
    if (!build) throw bad(`Unknown $jsonSchema keyword: ${keyword}`);
    const rule = build(spec, schema);
    if (rule) rules.push(rule);
  }
  return { rules, passes: (value) => rules.every((rule) => rule.passes(value)) };
}

function explainRules(schema: Schema, value: Value | Missing): Doc[] {
  return schema.rules.filter((rule) => !rule.passes(value)).map((rule) => rule.explain(value));
}

/** Compiles a `$jsonSchema` to a test of documents. */
export function compileSchema(schema: Doc): ValueTest {
  return compile(schema).passes;
}

/** The `details` of the `errInfo` of a document that a validator refused (code 121). */
export function explainSchemaFailure(validator: Doc, doc: Doc): Doc {
  const schema = validator.get('$jsonSchema');
  if (schema instanceof Map && validator.size === 1) {
    return docOf('operatorName', '$jsonSchema', 'schemaRulesNotSatisfied', explainRules(compile(schema), doc));
  }
  const [[operator, spec] = ['$and', null]] = validator;
  return docOf('operatorName', operator, 'specifiedAs', docOf(operator, spec), 'reason', 'expression did not match');
}
