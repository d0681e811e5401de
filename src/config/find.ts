import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { SupervisorError } from '../errors.ts';

/** What a config is called, the first that is there. */
export const CONFIG_NAMES = ['ts', 'mts', 'js', 'mjs', 'json'].map(
  (extension) => `ecosystem.config.${extension}`,
);

/** The config file of a folder, or the one that was named; null where there is none. */
export function lookForConfig(cwd: string, explicit?: string): string | null {
  const candidates = (explicit === undefined ? CONFIG_NAMES : [explicit]).map((name) => resolve(cwd, name));
  return candidates.find(isFile) ?? null;
}

/** What to say where `lookForConfig` found nothing. */
export function configNotFound(cwd: string, explicit?: string): SupervisorError {
  const [message, hint] =
    explicit === undefined
      ? [
          `There is no config in ${cwd}: looked for ${CONFIG_NAMES.join(', ')}`,
          'Make one, go to its folder, or name it with --config FILE.',
        ]
      : [`There is no file ${resolve(cwd, explicit)}`, 'Check what --config names.'];
  return new SupervisorError('config.not-found', message, hint);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
