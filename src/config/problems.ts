import type { z } from 'zod';

/** Something wrong with the config. Says what, and never repeats the value. */
export interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

export function problemsOf(error: z.ZodError, prefix: readonly PropertyKey[]): Problem[] {
  return error.issues.flatMap((issue) => problems(issue, [...prefix, ...issue.path]));
}

/** `servers.sentry.addScopes[1]`. */
export function pathText(path: readonly PropertyKey[]): string {
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
      return [{ path, message: typeMessage(issue) }];
    case 'invalid_value':
      return [
        { path, message: `must be one of ${issue.values.map((value) => `'${String(value)}'`).join(', ')}` },
      ];
    case 'invalid_key':
      return issue.issues.map(({ message }) => ({ path, message }));
    case 'too_small':
    case 'too_big':
    case 'invalid_format':
    case 'invalid_union':
    case 'custom':
    case 'not_multiple_of':
    case 'invalid_element':
      return [{ path, message: issue.message }];
  }
}

function typeMessage({ expected, input, message }: z.core.$ZodIssueInvalidType): string {
  if (input === undefined && message.startsWith('Invalid input'))
    return `is missing, or is not ${article(expected)}`;
  return message.startsWith('Invalid input') ? `must be ${article(expected)}` : message;
}

function article(expected: string): string {
  return /^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}
