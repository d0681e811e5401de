import { createRequire } from 'node:module';
import { dirname } from 'node:path';

const require = createRequire(import.meta.url);

/** The version of pm2 that is installed with us. */
export function pm2Version(): string {
  return require('pm2/package.json').version;
}

/** The folder that it lies in. */
export function pm2Root(): string {
  return dirname(require.resolve('pm2/package.json'));
}

/** The program of pm2's daemon. */
export function daemonScript(): string {
  return require.resolve('pm2/lib/Daemon.js');
}
