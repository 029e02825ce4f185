import { Code, MongoError } from '../errors.ts';
import { compileMatcher, explainSchemaFailure, readCollation } from '../query/index.ts';
import { type Doc, docOf, isDoc, type Value } from '../values/index.ts';
import type { CollectionOptions } from './collection.ts';

const REFUSED = [
  'capped',
  'timeseries',
  'clusteredIndex',
  'encryptedFields',
  'expireAfterSeconds',
  'max',
  'storageEngine',
  'indexOptionDefaults',
];
const KNOWN = new Set([
  'validator',
  'validationLevel',
  'validationAction',
  'changeStreamPreAndPostImages',
  'collation',
  'viewOn',
  'pipeline',
  'size',
  'autoIndexId',
  'flags',
  'idIndex',
  'recordPreImages',
  'temp',
]);

function failure(doc: Doc, validator: Doc): MongoError {
  const details = explainSchemaFailure(validator, doc);
  const info = docOf('failingDocumentId', doc.get('_id') as Value, 'details', details);
  return new MongoError(Code.DocumentValidationFailure, 'Document failed validation', docOf('errInfo', info));
}

/** Reads what a collection is created with, as it came with the command or was listed. Refuses what is not offered. */
export function readCollectionOptions(options: Doc): CollectionOptions {
  for (const [name, value] of options) {
    if (REFUSED.includes(name) && value !== false) {
      throw new MongoError(Code.CommandNotSupported, `collections with '${name}' are not supported by this server`);
    }
    if (!KNOWN.has(name) && !REFUSED.includes(name))
      throw new MongoError(40415, `BSON field 'create.${name}' is an unknown field.`);
  }
  const listed: Doc = new Map();
  const validator = options.get('validator');
  if (validator !== undefined && !isDoc(validator))
    throw new MongoError(Code.TypeMismatch, "'validator' must be an object");
  const level = options.get('validationLevel') ?? 'strict';
  const action = options.get('validationAction') ?? 'error';
  if (typeof level !== 'string' || !['off', 'strict', 'moderate'].includes(level))
    throw new MongoError(Code.BadValue, 'invalid validationLevel');
  if (action !== 'error' && action !== 'warn') throw new MongoError(Code.BadValue, 'invalid validationAction');
  let validate: ((doc: Doc) => void) | undefined;
  if (validator !== undefined && validator.size > 0) {
    listed.set('validator', validator);
    const matches = compileMatcher(validator);
    if (level !== 'off' && action === 'error') {
      validate = (doc) => {
        if (!matches(doc)) throw failure(doc, validator);
      };
    }
  }
  if (options.has('validationLevel') || validate) listed.set('validationLevel', level);
  if (options.has('validationAction') || validate) listed.set('validationAction', action);
  const images = options.get('changeStreamPreAndPostImages');
  const preAndPostImages = isDoc(images) && images.get('enabled') === true;
  if (preAndPostImages) listed.set('changeStreamPreAndPostImages', docOf('enabled', true));
  const collation = readCollation(options.get('collation'));
  if (collation) listed.set('collation', collation.spec);
  const viewOn = options.get('viewOn');
  const pipeline = options.get('pipeline');
  if (pipeline !== undefined && viewOn === undefined)
    throw new MongoError(Code.InvalidOptions, "'pipeline' requires 'viewOn' to also be specified");
  let view: CollectionOptions['view'];
  if (viewOn !== undefined) {
    if (typeof viewOn !== 'string' || viewOn === '') throw new MongoError(Code.BadValue, "'viewOn' must be a name");
    view = { on: viewOn, pipeline: Array.isArray(pipeline) ? pipeline : [] };
    listed.set('viewOn', viewOn).set('pipeline', view.pipeline);
  }
  return {
    ...(validator && { validator }),
    validationLevel: level,
    validationAction: action,
    ...(validate && { validate }),
    preAndPostImages,
    ...(collation && { collation: collation.spec }),
    ...(view && { view }),
    listed,
  };
}
