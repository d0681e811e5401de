import type { z } from 'zod';

/** Something wrong with the config. Says what, and never repeats the value. */
export interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

export function problemsOf(error: z.ZodError, prefix: readonly PropertyKey[]): Problem[] {
  return error.issues.flatMap((issue) => problems(issue, [...prefix, ...issue.path]));
}

/** `servers.sentry.addScopes[1]`; the empty path is all of it. */
export function pathText(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the config';
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}

function problems(issue: z.core.$ZodIssue, path: readonly PropertyKey[]): Problem[] {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...path, key], message: 'is not a key that is known here' }));
    case 'invalid_type':
    case 'invalid_value':
      return [{ path, message: issue.input === undefined ? 'is missing' : ownMessage(issue) }];
    case 'invalid_key':
      return issue.issues.map(({ message }) => ({ path, message }));
    case 'too_small':
    case 'too_big':
      return [{ path, message: ownMessage(issue) }];
    case 'invalid_format':
    case 'invalid_union':
    case 'custom':
    case 'not_multiple_of':
    case 'invalid_element':
      return [{ path, message: issue.message }];
  }
}

/** Zod's own messages begin like this; what the schema says itself is left as it is. */
const ZODS_OWN = /^(?:Invalid|Too) /;

type CommonIssue =
  | z.core.$ZodIssueInvalidType
  | z.core.$ZodIssueInvalidValue
  | z.core.$ZodIssueTooSmall
  | z.core.$ZodIssueTooBig;

function ownMessage(issue: CommonIssue): string {
  if (!ZODS_OWN.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${KINDS[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map((value) => `'${String(value)}'`).join(', ')}`;
    case 'too_small':
      if (issue.origin === 'string') return 'must not be empty';
      return `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
  }
}

const KINDS: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'an object',
  record: 'an object',
  string: 'a text',
};
