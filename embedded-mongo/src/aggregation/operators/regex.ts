import { BSONRegExp } from 'bson';
import { MongoError } from '../../errors.ts';
import { compileRegex } from '../../query/regex.ts';
import { type Doc, docOf, int32, type Value } from '../../values/index.ts';
import { isNullish } from '../compile.ts';
import { named, namedArguments, namedOrMissing, type Operator, type OperatorTable } from './operator.ts';

function regexOperator(
  finish: (input: string, matches: (global: boolean) => RegExpExecArray[]) => Value,
  ifNull: Value,
): Operator {
  return (argument, scope, name) => {
    const spec = namedArguments(argument, name, ['input', 'regex'], ['options'], 51103);
    const input = namedOrMissing(spec, 'input', scope);
    const pattern = namedOrMissing(spec, 'regex', scope);
    const options = named(spec, 'options', scope);
    return (root) => {
      const text = input(root);
      const source = pattern(root);
      const flags = options?.(root);
      if (isNullish(text) || isNullish(source)) return ifNull;
      if (typeof text !== 'string') throw new MongoError(51104, `${name} needs 'input' to be of type string`);
      if (flags !== undefined && !isNullish(flags) && typeof flags !== 'string')
        throw new MongoError(51106, `${name} needs 'options' to be of type string`);
      let regex: RegExp;
      if (source instanceof BSONRegExp) {
        if (flags && source.options !== '')
          throw new MongoError(51107, `${name} found regex option(s) specified in both 'regex' and 'option' fields`);
        regex = compileRegex(source.pattern, (flags as string | undefined) || source.options);
      } else if (typeof source === 'string') regex = compileRegex(source, typeof flags === 'string' ? flags : '');
      else throw new MongoError(51105, `${name} needs 'regex' to be of type string or regex`);
      return finish(text, (global) => {
        if (!global) {
          const match = regex.exec(text);
          return match ? [match] : [];
        }
        return [...text.matchAll(new RegExp(regex.source, `${regex.flags}g`))];
      });
    };
  };
}

function matchDocument(input: string, match: RegExpExecArray): Doc {
  return docOf(
    'match',
    match[0],
    'idx',
    int32([...input.slice(0, match.index)].length),
    'captures',
    match.slice(1).map((part) => part ?? null),
  );
}

/** Operators with regular expressions. */
export const REGEXES: OperatorTable = [
  ['$regexMatch', regexOperator((_input, matches) => matches(false).length > 0, false)],
  [
    '$regexFind',
    regexOperator((input, matches) => {
      const [match] = matches(false);
      return match ? matchDocument(input, match) : null;
    }, null),
  ],
  ['$regexFindAll', regexOperator((input, matches) => matches(true).map((match) => matchDocument(input, match)), [])],
];
