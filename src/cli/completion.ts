import type { Command } from 'commander';
import { SupervisorError } from '../errors.ts';
import { type Candidates, candidatesFor, type ValuesOf } from './completion/candidates.ts';
import { COMPLETED_SHELLS, FILES, SCRIPTS } from './completion/scripts.ts';
import type { CliContext, Verb } from './context.ts';
import { LEVELS } from './logs.ts';
import { SHELLS } from './render/shell-exports.ts';
import { PLATFORMS } from './startup.ts';

/** Prints what a shell needs to complete our command lines. */
export const completion: Verb = async ({ out }, [name]) => {
  const shell = COMPLETED_SHELLS.find((candidate) => candidate === name);
  if (shell === undefined) {
    const hint = `There is one for ${COMPLETED_SHELLS.join(', ')}.`;
    throw new SupervisorError('usage.invalid', `There is no completion for ${name}`, hint);
  }
  out.write(SCRIPTS[shell]);
  return 0;
};

/**
 * What the scripts ask: the candidates for the last of `words`, a line each. It is asked at every Tab, so it
 * says nothing of what goes wrong, starts nothing, and does not run the config.
 */
export async function complete(
  context: CliContext,
  program: Command,
  typed: readonly string[],
): Promise<void> {
  // bash makes three words of `--shell=bash`.
  const words = typed.filter((word, index) => word !== '=' || index === typed.length - 1);
  if (words.at(-1) === '=') words[words.length - 1] = '';
  try {
    context.out.write(linesOf(await candidatesFor(program, words, valuesFor(context, words))));
  } catch {
    // There may be no project here, or a config that nobody can read.
  }
}

function valuesFor(context: CliContext, words: readonly string[]): ValuesOf {
  return async (name, verb) => {
    switch (name) {
      case 'server':
        return context.openProject(configIn(words)).serverNames();
      case 'client':
        return (await import('../clients/catalogue.ts')).CLIENT_IDS;
      case 'shell':
        return verb === 'completion' ? COMPLETED_SHELLS : SHELLS;
      case 'level':
        return LEVELS;
      case 'platform':
        return PLATFORMS;
      case 'via':
        return ['http', 'stdio'];
      case 'command':
      case 'config':
      case 'from':
        return 'files';
      default:
        return null;
    }
  };
}

function configIn(words: readonly string[]): string | undefined {
  const at = words.findIndex((word) => word === '-c' || word === '--config');
  return at === -1 ? undefined : words[at + 1];
}

function linesOf(candidates: Candidates): string {
  if (candidates === 'files') return `${FILES}\n`;
  return candidates.map(({ value, summary }) => `${value}\t${summary}\n`).join('');
}
