import { setTimeout as sleep } from 'node:timers/promises';
import type { StatusReport } from '../model.ts';
import type { CliContext, CommonOptions, Verb } from './context.ts';
import { readStatus } from './read-status.ts';
import { paintFor } from './render/paint.ts';
import { sentryOverridesText } from './render/sentry-overrides-text.ts';
import { serverTable } from './render/server-table.ts';
import { duration } from './render/units.ts';
import { warningText } from './render/warning-text.ts';

const WATCH_MS = 1_000;
const CLEAR_SCREEN = '\x1b[H\x1b[2J';

export interface StatusOptions extends CommonOptions {
  readonly watch?: boolean;
}

/** Shows the servers. Exit code 1 when no supervisor is running. */
export const status: Verb<StatusOptions> = async (context, _names, options) => {
  const project = context.openProject(options.config);
  if (options.watch !== true) return show(context, await readStatus(project), options);
  while (!context.signal.aborted) {
    const report = await readStatus(project);
    if (context.out.isTty && options.json !== true) context.out.write(CLEAR_SCREEN);
    show(context, report, options);
    // Ctrl-C ends the pause, and the loop with it.
    await sleep(WATCH_MS, undefined, { signal: context.signal }).catch(() => {});
  }
  return 0;
};

function show(context: CliContext, report: StatusReport, { json }: StatusOptions): number {
  const { out, err } = context;
  if (json === true) out.write(`${JSON.stringify(report)}\n`);
  else if (report.supervisor === null) {
    err.write('No supervisor is running for this project. Start it with `mcp-supervisor up`.\n');
  } else {
    const paint = paintFor(context, out);
    const { pid, version, uptimeMs } = report.supervisor;
    out.write(`supervisor ${version}, process ${pid}, up ${duration(uptimeMs)}\n\n`);
    out.write(serverTable(report.servers, paint));
    out.write(sentryOverridesText(report.sentryOverrides));
    if (report.warnings.length > 0) out.write(`\n${warningText(report.warnings, paint)}`);
  }
  return report.supervisor === null ? 1 : 0;
}
