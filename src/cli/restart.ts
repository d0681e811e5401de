import { asked, type CommonOptions, type Verb } from './context.ts';
import { followProgress } from './follow-progress.ts';
import { reportOutcome } from './report-outcome.ts';

export interface RestartOptions extends CommonOptions {
  readonly wait: boolean;
}

/** Replaces servers without waiting for a change. Exit code 1 also where the old generation had to be kept. */
export const restart: Verb<RestartOptions> = async (context, names, options) => {
  const { admin } = context.openProject(options.config);
  const servers = asked(names);
  const request = { servers: servers && [...servers], wait: options.wait };
  const report = await followProgress(context, admin.restart(request, context.signal), servers);
  const code = reportOutcome(context, report, servers, options);
  const kept = report.servers.some(
    ({ name, lastReload }) => servers?.includes(name) !== false && lastReload?.outcome === 'kept-old',
  );
  return options.wait && kept ? 1 : code;
};
