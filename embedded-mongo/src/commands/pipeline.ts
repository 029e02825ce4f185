import { MongoError } from '../errors.ts';
import { newScope } from '../aggregation/expression.ts';
import { compileTransform } from '../aggregation/transform.ts';
import { type Collation, compileMatcher } from '../query/index.ts';
import type { Doc } from '../values/index.ts';
export interface PipelineOptions { let?: Doc | undefined; collation?: Collation | undefined; source?: (name: string, db?: string) => Iterable<Doc> }
export function compilePipeline(stages: Doc[], options: PipelineOptions = {}): (input: Iterable<Doc>) => Iterable<Doc> {
  const scope = newScope({ let: options.let });
  const steps = stages.map((stage) => {
    const [name] = stage.keys();
    if (name === '$match') {
      const matches = compileMatcher(stage.get('$match') as Doc, { collation: options.collation, let: options.let });
      return (docs: Doc[]) => docs.filter(matches);
    }
    if (['$project', '$set', '$addFields', '$unset', '$replaceRoot', '$replaceWith'].includes(name as string)) {
      const transform = compileTransform(stage, scope);
      return (docs: Doc[]) => docs.map(transform);
    }
    throw new MongoError(238, `${name} is not there yet`);
  });
  return (input) => steps.reduce((docs, step) => step(docs), [...input]);
}
