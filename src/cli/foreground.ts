import { setTimeout as sleep } from 'node:timers/promises';
import type { CliContext, ProjectAccess } from './context.ts';
import { printLogs } from './logs.ts';

const CHECK_MS = 2_000;
/** pm2 starts a supervisor that died again; one that stays away is for whoever started us to handle. */
const GIVE_UP_AFTER_MISSES = 5;

/** Shows the logs until it is told to stop, then stops everything. Exit 1 when the supervisor is lost. */
export async function inForeground(context: CliContext, project: ProjectAccess): Promise<number> {
  const lost = new AbortController();
  const signal = AbortSignal.any([context.signal, lost.signal]);
  const logs = printLogs(context, project, { lines: 0, follow: true, signal });
  await untilLost(project, signal);
  lost.abort();
  await logs;
  for (const note of await project.tearDown()) context.err.write(`${note}\n`);
  if (context.signal.aborted) return 0;
  context.err.write('The supervisor is gone, and pm2 did not bring it back.\n');
  return 1;
}

async function untilLost(project: ProjectAccess, signal: AbortSignal): Promise<void> {
  let misses = 0;
  while (misses < GIVE_UP_AFTER_MISSES && !signal.aborted) {
    // An abort ends the pause, and the loop with it.
    await sleep(CHECK_MS, undefined, { signal }).catch(() => {});
    misses = (await project.admin.answers()) ? 0 : misses + 1;
  }
}
