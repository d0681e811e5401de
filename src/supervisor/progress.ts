import { setTimeout as sleep } from 'node:timers/promises';
import type { StatusReport } from '../model.ts';
import { HEARTBEAT_MS, type ProgressEvent } from './admin/protocol.ts';
import type { Changes } from './changes.ts';

/** The status at every change, and at least once a second, until `settled`; then the final one. */
export async function* progress(
  settled: Promise<void>,
  changes: Changes,
  report: () => StatusReport,
  signal: AbortSignal,
): AsyncGenerator<ProgressEvent> {
  let done = false;
  const finished = settled.then(() => {
    done = true;
  });
  while (!done && !signal.aborted) {
    yield { kind: 'status', report: report() };
    const heartbeat = new AbortController();
    const pause = sleep(HEARTBEAT_MS, undefined, { signal: heartbeat.signal }).catch(() => {});
    await Promise.race([finished, changes.next(), pause]);
    heartbeat.abort();
  }
  yield { kind: 'done', report: report() };
}
