import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { safeBase } from '../plan/safe-env.ts';

/** The version of this package. */
export const VERSION: string = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
).version;

/** An environment without the holes that its type allows. */
export function definedEnv(env: NodeJS.ProcessEnv): Record<string, string> {
  const entries = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(entries);
}

/** The home directory, also where the environment says nothing; '/' for a user whom the system does not know. */
export function homeOf(env: Readonly<Record<string, string>>): string {
  const named = env[process.platform === 'win32' ? 'USERPROFILE' : 'HOME'];
  if (named) return named;
  try {
    return userInfo().homedir;
  } catch {
    return '/';
  }
}

/**
 * Takes everything but the safe base out of this process's environment: pm2 reads and passes on
 * whatever it finds there. The caller keeps a copy of what it needs.
 */
export function scrubProcessEnv(): void {
  const safe = safeBase(process.env);
  for (const name of Object.keys(process.env)) if (!(name in safe)) delete process.env[name];
}
