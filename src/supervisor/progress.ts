import { setTimeout as sleep } from 'node:timers/promises';
import type { StatusReport } from '../model.ts';
import { HEARTBEAT_MS, type ProgressEvent, type ServerProgress } from './admin/protocol.ts';
import type { Changes } from './changes.ts';

export interface ProgressSource {
  readonly changes: Changes;
  states(): readonly ServerProgress[];
  report(): StatusReport;
}

/** The states at every change, and at least once a second, until `settled`; then the whole status. */
export async function* progress(
  settled: Promise<void>,
  { changes, states, report }: ProgressSource,
  signal: AbortSignal,
): AsyncGenerator<ProgressEvent> {
  let done = false;
  const finished = settled.then(() => {
    done = true;
  });
  while (!done && !signal.aborted) {
    yield { kind: 'states', servers: states() };
    const heartbeat = new AbortController();
    const pause = sleep(HEARTBEAT_MS, undefined, { signal: heartbeat.signal }).catch(() => {});
    await Promise.race([finished, changes.next(), pause]);
    heartbeat.abort();
  }
  yield { kind: 'done', report: report() };
}
