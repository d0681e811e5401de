import { dirname, resolve } from 'node:path';
import { lookForConfig } from '../config/find.ts';
import { SupervisorError } from '../errors.ts';

export interface Target {
  readonly configFile: string;
  readonly root: string;
  /** Another config of the folder, which the new one goes before. */
  readonly instead: string | null;
}

/** Where `init` writes the config; refuses to write over one that is there, unless it is told to. */
export function configTarget(cwd: string, named: string | undefined, force: boolean): Target {
  const configFile = resolve(cwd, named ?? 'ecosystem.config.ts');
  if (!/\.m?ts$/.test(configFile)) {
    const hint = 'For example: --config ecosystem.config.ts.';
    throw new SupervisorError('usage.invalid', `init writes TypeScript, and ${configFile} is none`, hint);
  }
  const root = dirname(configFile);
  const existing = lookForConfig(root, configFile) ?? (named === undefined ? lookForConfig(root) : null);
  if (existing !== null && !force) {
    throw new SupervisorError(
      'usage.invalid',
      `There is a config already: ${existing}`,
      '--force writes a new one; --dry-run --force shows what it would change.',
    );
  }
  return { configFile, root, instead: existing === configFile ? null : existing };
}
