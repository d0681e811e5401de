import type { SentryOverrides, Step } from '../model.ts';
import type { UpRequest } from '../supervisor/admin/protocol.ts';
import { asked, type CliContext, type CommonOptions, type ProjectAccess, type Verb } from './context.ts';
import { followProgress } from './follow-progress.ts';
import { inForeground } from './foreground.ts';
import { withProgress } from './progress.ts';
import { table } from './render/table.ts';
import { reportOutcome } from './report-outcome.ts';
import { type SentryOptions, sentryOverridesOf } from './sentry-overrides.ts';

export interface UpOptions extends CommonOptions, SentryOptions {
  readonly dryRun?: boolean;
  readonly foreground?: boolean;
  readonly wait: boolean;
}

const GOES_ON =
  'The servers go on in the background: `mcp-supervisor status` shows them, `mcp-supervisor down` stops them.\n';

/** Starts the supervisor, or has a running one reconcile; waits until every server is ready or failed. */
export const up: Verb<UpOptions> = async (context, names, options) => {
  const project = context.openProject(options.config);
  const servers = asked(names);
  const overrides = await sentryOverridesOf(options, project);
  if (options.dryRun === true) {
    const planning = () => plan(context, project, servers, overrides);
    return showPlan(context, await withProgress(context, 'Reading the config', planning), options);
  }

  const started = await withProgress(context, 'Starting the supervisor', () => project.bringUp());
  try {
    const request = upRequest(context, project, servers, { dryRun: false, wait: options.wait }, overrides);
    const report = await followProgress(context, project.admin.up(request, context.signal), servers);
    // In the foreground they are listed as long as it lasts.
    const outcome =
      options.foreground === true && options.json !== true ? { ...report, warnings: [] } : report;
    const exitCode = reportOutcome(context, outcome, servers, options);
    if (options.foreground === true) return await inForeground(context, project, report);
    if (started) context.err.write(GOES_ON);
    return exitCode;
  } catch (error) {
    // Nothing half-applied: a supervisor that cannot use the config, or that nobody waited for, is of no use.
    const stopped = options.foreground === true && context.signal.aborted;
    if (started || stopped) await project.tearDown();
    if (stopped) return 0;
    throw error;
  }
};

async function plan(
  context: CliContext,
  project: ProjectAccess,
  servers: readonly string[] | null,
  overrides: SentryOverrides,
): Promise<readonly Step[]> {
  if (!(await project.admin.answers())) return project.planCold(servers, overrides);
  const request = upRequest(context, project, servers, { dryRun: true, wait: false }, overrides);
  for await (const event of project.admin.up(request, context.signal))
    if (event.kind === 'plan') return event.steps;
  return [];
}

export function upRequest(
  { env }: CliContext,
  { configFile }: ProjectAccess,
  servers: readonly string[] | null,
  mode: { readonly dryRun: boolean; readonly wait: boolean },
  sentryOverrides: SentryOverrides = {},
): UpRequest {
  return { configFile, env: { ...env }, servers: servers && [...servers], ...mode, sentryOverrides };
}

function showPlan({ out }: CliContext, steps: readonly Step[], options: CommonOptions): number {
  if (options.json === true) out.write(`${JSON.stringify(steps)}\n`);
  else if (steps.length === 0) out.write('Nothing to do.\n');
  else out.write(table(steps.map((step) => [step.kind, step.name, reasonOf(step)])));
  return 0;
}

function reasonOf(step: Step): string {
  switch (step.kind) {
    case 'stop':
      return step.why === 'removed' ? 'it is not in the config any more' : 'it lacks something now';
    case 'replace':
      return step.changedKeys.length === 0 ? 'the config changed' : `${step.changedKeys.join(', ')} changed`;
    case 'start':
    case 'keep':
      return '';
  }
}
