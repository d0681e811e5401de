import { setTimeout as sleep } from 'node:timers/promises';
import { SupervisorError } from '../errors.ts';
import type { Warning } from '../model.ts';
import type { CliContext, ProjectAccess } from './context.ts';
import { printLogs } from './logs.ts';
import { readStatus } from './read-status.ts';
import { problemLines } from './render/problem-lines.ts';

const CHECK_MS = 2_000;
/** pm2 starts a supervisor that died again; one that stays away is for whoever started us to handle. */
const GIVE_UP_AFTER_MISSES = 5;

/** Shows the logs, and the warnings whenever other ones are active, until it is told to stop, then stops everything. Exit 1 when the supervisor is lost. */
export async function inForeground(context: CliContext, project: ProjectAccess): Promise<number> {
  const lost = new AbortController();
  const signal = AbortSignal.any([context.signal, lost.signal]);
  const logs = printLogs(context, project, { lines: 0, follow: true, signal });
  await untilLost(context, project, signal);
  lost.abort();
  await logs;
  for (const note of await project.tearDown()) context.err.write(`${note}\n`);
  if (context.signal.aborted) return 0;
  context.err.write('The supervisor is gone, and pm2 did not bring it back.\n');
  return 1;
}

async function untilLost({ err }: CliContext, project: ProjectAccess, signal: AbortSignal): Promise<void> {
  let shown: string | null = null;
  let misses = 0;
  while (misses < GIVE_UP_AFTER_MISSES && !signal.aborted) {
    const warnings = await activeWarnings(project);
    misses = warnings === null ? misses + 1 : 0;
    const text: string | null = warnings === null ? shown : problemLines(project.configFile, warnings);
    if (text !== null && text !== shown) err.write(text);
    shown = text;
    // An abort ends the pause, and the loop with it.
    await sleep(CHECK_MS, undefined, { signal }).catch(() => {});
  }
}

/** null where no supervisor answers. */
async function activeWarnings(project: ProjectAccess): Promise<readonly Warning[] | null> {
  try {
    const { supervisor, warnings } = await readStatus(project);
    return supervisor === null ? null : warnings;
  } catch (error) {
    if (error instanceof SupervisorError && error.code.startsWith('supervisor.')) return null;
    throw error;
  }
}
