import type { ServerState, StatusReport } from '../model.ts';
import type { ProgressEvent } from '../supervisor/admin/protocol.ts';
import type { CliContext } from './context.ts';
import { withProgress } from './progress.ts';
import { paintFor, STATE_STYLES } from './render/paint.ts';
import { SETTLED_WELL } from './report-outcome.ts';

/** Shows each server's way to its state on stderr, a line a change; returns how it ended. */
export function followProgress(
  context: CliContext,
  events: AsyncIterable<ProgressEvent>,
  names: readonly string[] | null,
): Promise<StatusReport> {
  const paint = paintFor(context, context.err);
  const shown = new Map<string, ServerState>();
  return withProgress(context, 'Reading the config', async (progress) => {
    for await (const event of events) {
      if (event.kind !== 'states' && event.kind !== 'done') continue;
      const rows = event.kind === 'done' ? event.report.servers : event.servers;
      for (const { name, state } of rows.filter((row) => names?.includes(row.name) !== false)) {
        if (shown.get(name) === state) continue;
        shown.set(name, state);
        if (state !== 'stopped') progress.write(`${name}: ${paint(STATE_STYLES[state], state)}\n`);
      }
      if (event.kind === 'done') return event.report;
      progress.about(waitingFor(shown) ?? 'Finishing');
    }
    throw new Error('the progress ended before it was done');
  });
}

/** null: for none. A crashed one is tried again. */
function waitingFor(states: ReadonlyMap<string, ServerState>): string | null {
  const [first, ...others] = [...states].filter(([, state]) => !SETTLED_WELL.includes(state));
  if (first === undefined) return null;
  return `Waiting for ${others.length === 0 ? first[0] : `${others.length + 1} servers`}`;
}
