import { type Doc, docOf, type Missing, type Value, type ValueTest } from '../values/index.ts';
import { compileRegex } from './regex.ts';
import {
  bad,
  type Build,
  document,
  isAny,
  isArray,
  isDocument,
  list,
  only,
  type Rule,
  SIMPLE_RULES,
  wrongType,
} from './schema-rules.ts';

interface Schema {
  readonly rules: readonly Rule[];
  readonly passes: (value: Value | Missing) => boolean;
}

const ANNOTATIONS = new Set(['title', 'description']);
const UNSUPPORTED = new Set(['$ref', '$schema', 'default', 'definitions', 'format', 'id']);

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

/** The keywords that hold schemas themselves. */
const NESTED_RULES: Readonly<Record<string, Build>> = {
  properties,
  additionalProperties,
  patternProperties,
  dependencies,
  items,
  additionalItems,
  allOf: nested('allOf', (schemas, value) => schemas.every((schema) => schema.passes(value))),
  anyOf: nested('anyOf', (schemas, value) => schemas.some((schema) => schema.passes(value))),
  oneOf: nested('oneOf', (schemas, value) => schemas.filter((schema) => schema.passes(value)).length === 1),
  not: (spec) => {
    const schema = compile(document('not', spec));
    return only('not', spec, isAny, (value) => !schema.passes(value), 'child expression matched');
  },
};

const BUILDERS: Readonly<Record<string, Build>> = { ...SIMPLE_RULES, ...NESTED_RULES };

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
