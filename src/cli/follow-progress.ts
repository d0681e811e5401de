import type { ServerState, StatusReport } from '../model.ts';
import type { ProgressEvent } from '../supervisor/admin/protocol.ts';
import type { CliContext } from './context.ts';
import { paintFor, STATE_STYLES } from './render/paint.ts';

/** Shows each server's way to its state on stderr, a line a change; returns how it ended. */
export async function followProgress(
  context: CliContext,
  events: AsyncIterable<ProgressEvent>,
  names: readonly string[] | null,
): Promise<StatusReport> {
  const { err } = context;
  const paint = paintFor(context, err);
  const shown = new Map<string, ServerState>();
  for await (const event of events) {
    if (event.kind !== 'states' && event.kind !== 'done') continue;
    for (const { name, state } of event.kind === 'done' ? event.report.servers : event.servers) {
      if (shown.get(name) === state || names?.includes(name) === false) continue;
      shown.set(name, state);
      if (state !== 'stopped') err.write(`${name}: ${paint(STATE_STYLES[state], state)}\n`);
    }
    if (event.kind === 'done') return event.report;
  }
  throw new Error('the progress ended before it was done');
}
