import type { Collection } from '../catalog/collection.ts';
import { Code, MongoError } from '../errors.ts';
import { decode, type Doc, docOf, int32, isDoc, type Value } from '../values/index.ts';
import { aggregate } from './aggregate.ts';
import { optionalCount, optionalDoc } from './args.ts';
import type { Context } from './context.ts';
import type { Reply } from './reply.ts';

/** Answers `find`, `count` or `distinct` on a view by the aggregation that it amounts to. */
export function viewAsAggregate(context: Context, view: Collection): Reply | Promise<Reply> {
  const { command, name } = context;
  const pipeline: Value[] = [];
  const filter = optionalDoc(command, name === 'find' ? 'filter' : 'query');
  if (filter && filter.size > 0) pipeline.push(docOf('$match', filter));
  const sort = optionalDoc(command, 'sort');
  if (sort && sort.size > 0) pipeline.push(docOf('$sort', sort));
  const skip = optionalCount(command, 'skip');
  if (skip) pipeline.push(docOf('$skip', int32(skip)));
  const limit = optionalCount(command, 'limit');
  if (limit) pipeline.push(docOf('$limit', int32(limit)));
  const projection = optionalDoc(command, 'projection');
  if (projection && projection.size > 0) pipeline.push(docOf('$project', projection));
  if (name === 'count') pipeline.push(docOf('$count', 'n'));
  if (name === 'distinct') {
    pipeline.push(
      docOf('$unwind', docOf('path', `$${String(command.get('key'))}`, 'preserveNullAndEmptyArrays', false)),
    );
    pipeline.push(docOf('$group', docOf('_id', `$${String(command.get('key'))}`)));
  }
  const cursor: Doc = new Map();
  if (name === 'find' && command.has('batchSize')) cursor.set('batchSize', command.get('batchSize'));
  const translated: Doc = docOf('aggregate', view.name, 'pipeline', pipeline, 'cursor', cursor);
  for (const field of ['collation', 'let']) if (command.has(field)) translated.set(field, command.get(field));
  const reply = aggregate({ ...context, name: 'aggregate', command: translated });
  if (name === 'find') return reply;
  if (!Buffer.isBuffer(reply)) throw new MongoError(Code.InternalError, 'a view gave an unexpected answer');
  const batch = (decode(reply).get('cursor') as Doc).get('firstBatch') as Doc[];
  if (name === 'count') return docOf('n', isDoc(batch[0]) ? batch[0].get('n') : int32(0), 'ok', 1);
  return docOf(
    'values',
    batch.map((doc) => doc.get('_id') as Value),
    'ok',
    1,
  );
}
