import type { z } from 'zod';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { wireError } from '@opsboard/shared/protocol/errors';

type Issue = z.core.$ZodIssue;

/** What is wrong with one value, in words that go on after the field's name. */
function words(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined && !/received/.test(issue.message) ? 'is missing' : invalidType(issue);
    case 'too_small':
      if (issue.origin === 'string')
        return issue.minimum === 1 ? 'must not be empty' : `needs at least ${issue.minimum} characters`;
      if (issue.origin === 'array')
        return `needs at least ${issue.minimum} ${issue.minimum === 1 ? 'entry' : 'entries'}`;
      return `must be at least ${issue.minimum}`;
    case 'too_big':
      if (issue.origin === 'string') return `is longer than ${issue.maximum} characters`;
      if (issue.origin === 'array') return `has more than ${issue.maximum} entries`;
      return `must be at most ${issue.maximum}`;
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`;
    case 'unrecognized_keys':
      return issue.keys.length === 1 ? 'is not known here' : `: ${issue.keys.join(', ')} are not known here`;
    case 'invalid_format':
      // A rule of ours brings its own words; zod's own speak of regular expressions.
      if (issue.format === 'email') return 'must be an e-mail address';
      return issue.message.startsWith('Invalid') ? 'has the wrong form' : issue.message;
    default:
      return issue.message.startsWith('Invalid') ? 'is not valid' : issue.message;
  }
}

function invalidType(issue: Extract<Issue, { code: 'invalid_type' }>): string {
  if (/received undefined$/.test(issue.message)) return 'is missing';
  const wanted: { [type: string]: string } = {
    string: 'a text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
    object: 'an object',
    record: 'an object',
    array: 'a list',
    tuple: 'a list',
  };
  return `must be ${wanted[issue.expected] ?? `of type ${issue.expected}`}`;
}

/**
 * Turns the first thing that a schema objects to into the one error shape: the field's dotted path and a sentence.
 *
 * @param under the path of the value that was checked, as `args`
 */
export function shapeError(error: z.ZodError, under = ''): WireError {
  const issue = error.issues[0]!;
  // An unknown key is reported on its parent: the person looks for the key itself.
  const unknown = issue.code === 'unrecognized_keys' && issue.keys.length === 1 ? [issue.keys[0]!] : [];
  const field = [...(under === '' ? [] : [under]), ...issue.path.map(String), ...unknown].join('.').slice(0, 200);
  const sentence = words(issue);
  const subject = field === '' ? 'The request' : `"${field}"`;
  return wireError(
    'bad_request',
    `${subject}${sentence.startsWith(':') ? '' : ' '}${sentence}.`.slice(0, 400),
    field === '' ? {} : { field },
  );
}
