import { SupervisorError } from '../errors.ts';
import type { CommonOptions, Verb } from './context.ts';
import { tell } from './env.ts';

export interface ExecOptions extends CommonOptions {
  readonly server?: string;
}

/** Runs a command in our environment with what the env files give on top; ends as it does. */
export const exec: Verb<ExecOptions> = async (context, [program, ...args], options) => {
  if (program === undefined)
    throw new SupervisorError(
      'usage.invalid',
      'There is no command to run',
      'Write it after two dashes: mcp-supervisor exec -- COMMAND.',
    );
  const { values, notes } = await context.openProject(options.config).readEnv(options.server ?? null);
  tell(context, notes);
  context.signal.throwIfAborted();
  return context.runCommand(program, args, { ...context.env, ...values });
};
