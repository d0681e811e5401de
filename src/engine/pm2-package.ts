import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** The version of pm2 that is installed with us. */
export function pm2Version(): string {
  return require('pm2/package.json').version;
}

/** The program of pm2's daemon. */
export function daemonScript(): string {
  return require.resolve('pm2/lib/Daemon.js');
}
