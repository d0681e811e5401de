import { z } from 'zod';
import { HEADER_VALUE } from './header-value.ts';
import { interpolationProblem } from './interpolate.ts';

/** No message of ours may repeat a value: it may be a secret, in the wrong place. */
const SENTRY_TOKEN = /sntry[a-z]_/;

/** A text in which `${VAR}` is replaced. */
export const template = z.string('must be a text').superRefine((text, context) => {
  const problem = interpolationProblem(text);
  if (problem !== null) context.addIssue({ code: 'custom', message: problem });
  if (SENTRY_TOKEN.test(text)) {
    const message = 'holds a Sentry token; put it into .env, and write ${SENTRY_AUTH_TOKEN} here';
    context.addIssue({ code: 'custom', message });
  }
});

/** The same, for the value of an HTTP header. */
export const headerValue = template.regex(
  HEADER_VALUE,
  'has a character that no header can hold, such as an em dash or a line break',
);
