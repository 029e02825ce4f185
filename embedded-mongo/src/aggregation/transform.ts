import { Code, MongoError } from '../errors.ts';
import { compileAddFields } from '../projection/add-fields.ts';
import { compileProjectStage } from '../projection/projection.ts';
import { type Doc, typeNameOf, type Value } from '../values/index.ts';
import { compileExpression } from './expression.ts';
import type { Scope } from './scope.ts';

/** A stage that makes one document of one. */
export type Transform = (doc: Doc) => Doc;

function documentOf(name: string, value: Value, code: number): Doc {
  if (value instanceof Map) return value;
  throw new MongoError(code, `${name} specification stage must be an object, got ${typeNameOf(value)}`);
}

function unsetSpec(value: Value): Doc {
  const fields = Array.isArray(value) ? value : [value];
  if (fields.length === 0)
    throw new MongoError(31119, '$unset specification must be a string or an array with at least one field');
  const spec: Doc = new Map();
  for (const field of fields) {
    if (typeof field !== 'string')
      throw new MongoError(31120, '$unset specification must be a string or an array containing only string values');
    if (spec.has(field)) throw new MongoError(31250, `Invalid $project :: caused by :: Path collision at ${field}`);
    spec.set(field, false);
  }
  return spec;
}

function replaceRoot(name: string, value: Value, scope: Scope): Transform {
  let spec = value;
  if (name === '$replaceRoot') {
    const argument = documentOf(name, value, 40229);
    for (const key of argument.keys()) {
      if (key !== 'newRoot') throw new MongoError(40415, `BSON field '$replaceRoot.${key}' is an unknown field.`);
    }
    if (!argument.has('newRoot'))
      throw new MongoError(40414, "BSON field '$replaceRoot.newRoot' is missing but a required field");
    spec = argument.get('newRoot');
  }
  const expression = compileExpression(spec, scope);
  return (doc) => {
    const result = expression(doc);
    if (result instanceof Map) return result;
    const what = name === '$replaceRoot' ? "'newRoot' expression" : "'replacement document'";
    throw new MongoError(
      40228,
      `${what} must evaluate to an object, but resulting value was of type: ${typeNameOf(result)}`,
    );
  };
}

/** The stages that make one document of one, by name; undefined for other stages. */
export function transformOf(name: string, value: Value, scope: Scope): Transform | undefined {
  switch (name) {
    case '$project':
      return compileProjectStage(documentOf(name, value, 15969), scope);
    case '$addFields':
    case '$set':
      return compileAddFields(documentOf(name, value, 40272), scope, name);
    case '$unset':
      return compileProjectStage(unsetSpec(value), scope);
    case '$replaceRoot':
    case '$replaceWith':
      return replaceRoot(name, value, scope);
    default:
      return undefined;
  }
}

/** A stage of an update's pipeline. Throws InvalidOptions (72) for a stage that is not allowed there. */
export function compileTransform(stage: Doc, scope: Scope): Transform {
  const [entry] = stage;
  if (stage.size !== 1 || !entry) {
    throw new MongoError(40323, 'A pipeline stage specification object must contain exactly one field.');
  }
  const [name, value] = entry;
  const transform = transformOf(name, value, scope);
  if (transform) return transform;
  throw name.startsWith('$')
    ? new MongoError(Code.InvalidOptions, `${name} is not allowed to be used within an update`)
    : new MongoError(40324, `Unrecognized pipeline stage name: '${name}'`);
}
