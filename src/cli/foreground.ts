import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerState, StatusReport } from '../model.ts';
import type { CliContext, ProjectAccess } from './context.ts';
import { printLogs } from './logs.ts';
import { withProgress } from './progress.ts';
import { statusOrNull } from './read-status.ts';
import { problemLines } from './render/problem-lines.ts';

const CHECK_MS = 2_000;
/** pm2 starts a supervisor that died again; one that stays away is for whoever started us to handle. */
const GIVE_UP_AFTER_MISSES = 5;

const NO_INIT =
  'This is process 1, and Node does not reap what others leave behind: start it under an init, such as tini.\n';

/**
 * Shows the logs, and the warnings whenever other ones are active, until it is told to stop, then stops
 * everything. Exit 1 when the supervisor is lost. A server that fails ends nothing: the others go on serving.
 */
export async function inForeground(
  context: CliContext,
  project: ProjectAccess,
  report: StatusReport,
): Promise<number> {
  if (process.pid === 1) context.err.write(NO_INIT);
  const lost = new AbortController();
  const signal = AbortSignal.any([context.signal, lost.signal]);
  const logs = printLogs(context, project, { lines: 0, follow: true, signal });
  void context.notify('READY=1', `STATUS=${summary(report)}`);
  await untilLost(context, project, signal, report);
  lost.abort();
  await logs;
  void context.notify('STOPPING=1', 'STATUS=Stopping every server');
  const notes = await withProgress(context, 'Stopping everything', () => project.tearDown());
  for (const note of notes) context.err.write(`${note}\n`);
  await context.notify('STATUS=Everything is stopped');
  if (context.signal.aborted) return 0;
  context.err.write('The supervisor is gone, and pm2 did not bring it back.\n');
  return 1;
}

async function untilLost(
  context: CliContext,
  project: ProjectAccess,
  signal: AbortSignal,
  first: StatusReport,
): Promise<void> {
  let told = summary(first);
  let shown = problemLines(project.configFile, first.warnings);
  context.err.write(shown);
  let misses = 0;
  while (misses < GIVE_UP_AFTER_MISSES) {
    // An abort ends the pause, and the loop with it.
    await sleep(CHECK_MS, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    const report = await statusOrNull(project.admin);
    misses = report === null ? misses + 1 : 0;
    if (report === null || signal.aborted) continue;
    const problems = problemLines(project.configFile, report.warnings);
    if (problems !== shown) context.err.write(problems);
    shown = problems;
    const status = summary(report);
    if (status !== told) void context.notify(`STATUS=${status}`);
    told = status;
  }
}

const SERVING: readonly ServerState[] = ['ready', 'replacing'];

/** One line for `systemctl status`. */
function summary({ servers }: StatusReport): string {
  const wanted = servers.filter(({ state }) => state !== 'stopped');
  const others = wanted.filter(({ state }) => !SERVING.includes(state));
  const count = `${wanted.length - others.length} of ${wanted.length} servers are ready`;
  return [count, ...others.map(({ name, state }) => `${name}: ${state}`)].join('; ');
}
