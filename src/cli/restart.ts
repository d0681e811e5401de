import { asked, type CommonOptions, type Verb } from './context.ts';
import { followProgress } from './follow-progress.ts';
import { reportOutcome } from './report-outcome.ts';

export interface RestartOptions extends CommonOptions {
  readonly wait: boolean;
}

/** Replaces servers without waiting for a change. */
export const restart: Verb<RestartOptions> = async (context, names, options) => {
  const { admin } = context.openProject(options.config);
  const servers = asked(names);
  const request = { servers: servers && [...servers], wait: options.wait };
  const report = await followProgress(context, admin.restart(request, context.signal), servers);
  return reportOutcome(context, report, servers, options);
};
