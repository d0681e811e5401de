import { z } from 'zod';
import type { LogRule } from '../model.ts';
import { bytesOf } from './memory-size.ts';
import { headerValue, template } from './template.ts';

/** A timer that is set to more goes off at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export const ms = z
  .int('must be a whole number of milliseconds, 0 or more')
  .min(0)
  .max(MAX_TIMER_MS, `must be at most ${MAX_TIMER_MS}, which is 24 days`);

const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is no name for an environment variable: letters, digits, _');
const env = z.record(variableName, template);
const args = z.array(template);

const logRule = z
  .strictObject({
    pattern: z
      .union([z.instanceof(RegExp).meta({ title: 'RegExp' }), z.string()], 'must be a regular expression')
      .describe('What to look for in a log line; named groups can be used in the texts as $<name>.'),
    flags: z.string().optional().describe('Flags of a pattern that is given as a text.'),
    code: z
      .string()
      .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/, 'is no code: lower-case words, with dots between')
      .describe('The code of the warning, such as my.rule.'),
    severity: z.enum(['info', 'warning', 'error']).default('warning').describe('How bad it is.'),
    message: z.string().min(1).describe('What is wrong.'),
    hint: z.string().default('').describe('What to do about it.'),
    subject: z.string().optional().describe('What makes two matches one warning; default: the matched text.'),
  })
  .transform(({ pattern, flags, subject, ...rule }, context): LogRule => {
    try {
      const compiled = new RegExp(pattern, flags);
      return { ...rule, pattern: compiled, ...(subject === undefined ? {} : { subject }) };
    } catch {
      context.addIssue({ code: 'custom', path: ['pattern'], message: 'is no regular expression' });
      return z.NEVER;
    }
  });

const common = {
  envFiles: z
    .array(z.string().min(1))
    .default([])
    .describe('Env files of this server alone; it gets all that is in them.'),
  cwd: template.optional().describe('Where it runs; default: the folder of the config.'),
  replace: z
    .enum(['overlap', 'exclusive'])
    .default('overlap')
    .describe('Whether a new generation starts beside the old one, or after it.'),
  sharing: z
    .enum(['shared', 'per-session'])
    .default('shared')
    .describe(
      'Whether all clients share one child, or each session gets its own: for servers that keep state, such as browsers. A change loses no session, but what the children knew.',
    ),
  maxSessionChildren: z
    .int()
    .min(1)
    .default(8)
    .describe(
      'With per-session: how many sessions may have a child; a new one takes the place of the one that has been idle for longest.',
    ),
  drainMs: ms
    .default(30_000)
    .describe('How long calls in flight may take to finish on a generation that is replaced.'),
  startTimeoutMs: ms.default(60_000).describe('How long it may take until it answers MCP.'),
  stop: z
    .strictObject({
      eofMs: ms.default(2_000).describe('How long it gets after stdin EOF, before SIGTERM.'),
      termMs: ms.default(3_000).describe('How long it gets after SIGTERM, before SIGKILL.'),
    })
    .prefault({})
    .describe('How it is stopped.'),
  restart: z
    .strictObject({
      maxRestarts: z.int().min(0).default(8).describe('Crashes in a row before it is given up.'),
      minUptimeMs: ms.default(5_000).describe('A crash after at least this much service begins a new row.'),
      backoffMs: ms
        .default(100)
        .describe(
          'The pause before the second restart in a row (there is none before the first); it doubles.',
        ),
      maxBackoffMs: ms.default(15_000).describe('The longest pause.'),
    })
    .prefault({})
    .describe('When it is started again after a crash, and when it is given up.'),
  maxMemory: z
    .union([z.int().positive(), z.string()], 'must be bytes or a size like 512M')
    .transform((size, context) => {
      const bytes = bytesOf(size);
      if (bytes !== null) return bytes;
      context.addIssue({ code: 'custom', message: 'must be bytes or a size like 512M or 1G' });
      return z.NEVER;
    })
    .optional()
    .describe('Resident memory of its processes above which it is replaced: bytes, or 512M, 1G.'),
  logRules: z.array(logRule).default([]).describe('Your own warnings from its log.'),
};

/** What stands for a function in a config that has left its thread: see `config-thread.mjs`. */
const aFunction = z.strictObject({ '(function)': z.literal(true) }).meta({ title: 'function' });

const check = z
  .union(
    [
      z.strictObject({
        url: template.describe('What to GET; 2xx: accepted, 401: rejected, anything else: not known.'),
        headers: z
          .record(z.string().regex(/^[\w-]+$/, 'is no name for a header'), headerValue)
          .default({})
          .describe('What to send along, such as { authorization: "Bearer ${TOKEN}" }.'),
      }),
      aFunction,
    ],
    'must be { url, headers } or a function',
  )
  .optional()
  .describe(
    'Whether its credentials are any good: asked at each start with new settings. Rejected ones do not replace those in use. A function is given { env } and returns { verdict: "accepted", "rejected" or "unknown", scopes, detail }.',
  );

export const plainServer = z.strictObject({
  ...common,
  type: z.literal('stdio', 'only stdio servers can be run').optional().describe('As in mcpServers entries.'),
  url: z
    .undefined('only stdio servers can be run; a server with a URL runs already')
    .optional()
    .meta({ title: 'never', description: 'Not allowed: a server with a URL runs already.' }),
  command: template.min(1, 'must not be empty').describe('The program.'),
  args: args.default([]).describe('Its arguments.'),
  env: env.default({}).describe('Its environment, besides a small safe base.'),
  check,
});

export const sentryServer = z.strictObject({
  ...common,
  preset: z.literal('sentry', 'the only preset is sentry').describe('Set by `sentry({ … })`.'),
  version: z
    .string()
    .regex(/^\d+\.\d+\.\d+$/, 'must be an exact version, such as 0.39.0')
    .optional()
    .describe(
      'The version of @sentry/mcp-server; default: the installed one, else the newest that is known here.',
    ),
  addScopes: z
    .array(z.string().regex(/^[a-z_-]+:[a-z_-]+$/, 'is no scope, such as event:write'))
    .default(['event:write', 'project:write'])
    .describe('Scopes to ask for besides the read ones; [] for none.'),
  skills: z
    .array(z.string().min(1))
    .optional()
    .describe('The skills of 0.22 and later, instead of those that follow from addScopes.'),
  organizationSlug: template
    .optional()
    .describe('Restricts it to one organization; default: SENTRY_ORGANIZATION_SLUG.'),
  projectSlug: template.optional().describe('Restricts it to one project; default: SENTRY_PROJECT_SLUG.'),
  host: template.optional().describe('A self-hosted Sentry; default: SENTRY_HOST, else sentry.io.'),
  insecureHttp: z.boolean().default(false).describe('Allows http to a self-hosted Sentry.'),
  telemetry: z.boolean().default(false).describe('Lets it report its own traces to SENTRY_DSN.'),
  cachedLogin: z
    .boolean()
    .default(false)
    .describe('Lets the login of `sentry-mcp auth login` stand in for a token.'),
  check: z
    .boolean()
    .default(true)
    .describe('Whether Sentry is asked, at each start with new settings, which scopes the token has.'),
  annotate: z
    .boolean()
    .default(true)
    .describe(
      'Whether clients are told, beside the answer to a call that Sentry refused, what is wrong with the token.',
    ),
  command: template.optional().describe('Another way to start it, instead of the installed package or npx.'),
  args: args.optional().describe('The arguments of command; without one, more arguments.'),
  env: env.optional().describe('More environment.'),
});

export type PlainServerConfig = z.output<typeof plainServer>;
export type SentryServerConfig = z.output<typeof sentryServer>;
export type ServerConfig = PlainServerConfig | SentryServerConfig;
