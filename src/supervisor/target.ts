import { join } from 'node:path';
import { z } from 'zod';
import type { CredentialCheck, Generation, ServerSpec } from '../model.ts';
import type { Imprint } from '../plan/fingerprint.ts';
import type { StartOrder } from '../runner/protocol.ts';
import type { GenerationOptions, Ready } from './generation.ts';
import { groupsDir, logFile, type Project } from './project.ts';
import { appName } from './runner-app.ts';
import type { Target } from './wish.ts';

/** The largest MCP message that a child may write. */
export const MAX_LINE_BYTES = 64 * 1024 * 1024;
export const LOG_LIMITS = { maxBytes: 10 * 1024 * 1024, keep: 5 };

export interface TargetContext {
  readonly project: Project;
  /** What a child sees besides what its config declares. */
  readonly base: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  /** The variables of this server that no env file has: the next supervisor could not know them. */
  readonly inherited: Readonly<Record<string, string>>;
}

/** What the runner keeps for the next supervisor: all that it takes to go on with its child. */
const memoSchema = z.object({
  order: z.custom<StartOrder>((value) => typeof value === 'object' && value !== null && 'launch' in value),
  startTimeoutMs: z.number(),
  restart: z.object({
    maxRestarts: z.number(),
    minUptimeMs: z.number(),
    backoffMs: z.number(),
    maxBackoffMs: z.number(),
  }),
  replace: z.enum(['overlap', 'exclusive']),
  drainMs: z.number(),
  imprint: z.object({ fingerprint: z.string(), variables: z.record(z.string(), z.string()) }),
  inherited: z.record(z.string(), z.string()),
  ready: z.custom<Ready>(
    (value) => typeof value === 'object' && value !== null && 'handshake' in value && 'since' in value,
  ),
  /** The session that it is for; null: for all of them. */
  session: z.string().nullable().default(null),
});

export type Memo = z.infer<typeof memoSchema>;

/** Makes a spec startable. The safe base joins here, behind the fingerprint: another shell is no change. */
export function targetOf(spec: ServerSpec, imprint: Imprint, context: TargetContext): Target {
  const { project, base, secrets, inherited } = context;
  const { startTimeoutMs, restart, replace, drainMs } = spec.policy;
  const order: Omit<StartOrder, 'generation' | 'groupFile'> = {
    kind: 'start',
    server: spec.name,
    launch: { ...spec.launch, env: { ...base, ...spec.launch.env } },
    stop: spec.stop,
    log: { file: logFile(project, spec.name), ...LOG_LIMITS },
    secrets,
    maxLineBytes: MAX_LINE_BYTES,
  };
  const terms = { startTimeoutMs, restart, replace, drainMs, imprint, inherited };
  return fromTemplate(order, terms, project, spec.check);
}

/** The target of a child that an earlier supervisor started. */
export function targetOfMemo(memo: Memo, project: Project): Target {
  return fromTemplate(memo.order, memo, project, null);
}

/** The same for the child of one session, which the next supervisor must be able to tell from the others. */
export function targetForSession(target: Target, session: string): Target {
  const options = (generation: Generation): GenerationOptions => {
    const { memo, ...rest } = target.options(generation);
    return { ...rest, memo: { ...memo, session } };
  };
  // What the primary child uses, this one does too: it is asked about once.
  return { ...target, options, check: null };
}

/** What a runner kept; null where an earlier version kept something else, or nothing yet. */
export function parseMemo(memo: unknown): Memo | null {
  const result = memoSchema.safeParse(memo);
  return result.success ? result.data : null;
}

type Terms = Omit<Memo, 'order' | 'ready' | 'session'>;

function fromTemplate(
  template: Omit<StartOrder, 'generation' | 'groupFile'>,
  { startTimeoutMs, restart, replace, drainMs, imprint, inherited }: Terms,
  project: Project,
  check: CredentialCheck | null,
): Target {
  const terms: Terms = { startTimeoutMs, restart, replace, drainMs, imprint, inherited };
  const options = (generation: Generation): GenerationOptions => {
    const groupFile = join(groupsDir(project), `${appName(template.server, generation)}.json`);
    const order: StartOrder = { ...template, generation, groupFile };
    return { order, startTimeoutMs, restart, memo: { order, ...terms } };
  };
  return { imprint, replace, drainMs, options, check };
}
