import type { Readable, Writable } from 'node:stream';
import { isCancel, multiselect } from '@clack/prompts';
import type { NamedServer } from '../init/names.ts';

export interface AskOn {
  readonly input: Readable;
  readonly output: Writable;
  readonly signal: AbortSignal;
}

/** Asks which servers to take; all are ticked; null: it was cancelled. In a file of its own since it loads the prompt library. */
export async function pickServers(
  offered: readonly NamedServer[],
  { input, output, signal }: AskOn,
): Promise<readonly NamedServer[] | null> {
  const picked = await multiselect({
    message: 'Which servers go into ecosystem.config.ts?',
    options: offered.map(({ name, server }) => ({ value: name, label: name, hint: server.file })),
    initialValues: offered.map(({ name }) => name),
    required: false,
    input,
    output,
    signal,
  });
  if (isCancel(picked)) return null;
  return offered.filter(({ name }) => picked.includes(name));
}
