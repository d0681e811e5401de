import { printableText } from '../logs/printable.ts';
import type { ServerState, StatusReport } from '../model.ts';
import type { CliContext, CommonOptions } from './context.ts';
import { paintFor } from './render/paint.ts';
import { sentryOverridesText } from './render/sentry-overrides-text.ts';
import { endpointTable } from './render/server-table.ts';
import { warningText } from './render/warning-text.ts';

export const SETTLED_WELL: readonly ServerState[] = ['ready', 'blocked', 'stopped'];

export interface OutcomeOptions extends CommonOptions {
  readonly wait: boolean;
}

/**
 * What `up` and `restart` end with: endpoints, and what is wrong. Exit code 1 where a server did not
 * come up; a blocked one waits for its user, and comes up by itself once it has what it lacks.
 */
export function reportOutcome(
  context: CliContext,
  report: StatusReport,
  names: readonly string[] | null,
  options: OutcomeOptions,
): number {
  const isAsked = (name: string) => names === null || names.includes(name);
  const servers = report.servers.filter(({ name }) => isAsked(name));
  const failed = servers.filter(({ state }) => !SETTLED_WELL.includes(state));
  if (options.json === true) {
    context.out.write(`${JSON.stringify(report)}\n`);
  } else {
    const paint = paintFor(context, context.out);
    context.out.write(endpointTable(servers, paint));
    context.out.write(sentryOverridesText(report.sentryOverrides));
    for (const { name, detail } of failed)
      context.out.write(`${paint('bold', name)}: ${printableText(detail ?? 'is not ready yet')}\n`);
    context.out.write(
      warningText(
        report.warnings.filter(({ server }) => server === null || isAsked(server)),
        paint,
      ),
    );
  }
  return options.wait && failed.length > 0 ? 1 : 0;
}
