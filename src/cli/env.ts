import { SupervisorError } from '../errors.ts';
import { printableText } from '../logs/printable.ts';
import type { CliContext, CommonOptions, Verb } from './context.ts';
import { exportsText, type Shell, shellOf, USES } from './render/shell-exports.ts';

export interface EnvOptions extends CommonOptions {
  readonly shell?: string;
  readonly show?: boolean;
}

/** Prints what the env files give, for a shell to evaluate. */
export const env: Verb<EnvOptions> = async (context, [server = null], options) => {
  const project = context.openProject(options.config);
  const shell = shellOf(options.shell, context.env['SHELL']);
  if (context.out.isTty && options.show !== true) throw onTerminal(shell);
  const { values, notes } = await project.readEnv(server);
  tell(context, notes);
  context.out.write(options.json === true ? `${JSON.stringify(values)}\n` : exportsText(values, shell));
  return 0;
};

export function tell({ err }: CliContext, notes: readonly string[]): void {
  for (const note of notes) err.write(`${printableText(note)}\n`);
}

function onTerminal(shell: Shell): SupervisorError {
  return new SupervisorError(
    'usage.invalid',
    'env prints secrets, and its output is a terminal',
    `Evaluate it instead: ${USES[shell]}. To see it all the same, add --show.`,
  );
}
