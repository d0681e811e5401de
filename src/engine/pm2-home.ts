import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where one project's pm2 daemon lives. */
export interface Pm2Home {
  /** PM2_HOME; private to the project. */
  readonly dir: string;
  /** Holds the daemon's sockets: a short path, since pm2 truncates one over 108 bytes silently. */
  readonly socketDir: string;
}

/** Makes the folder, closed to others, with pm2's own habits turned off. */
export function preparePm2Home(home: Pm2Home): void {
  mkdirSync(home.dir, { recursive: true, mode: 0o700 });
  // Otherwise the daemon runs `df` every 30 seconds.
  writeFileSync(join(home.dir, 'module_conf.json'), '{"pm2":{"sysmonit":"false"}}', { mode: 0o600 });
}

export const pidFile = (home: Pm2Home): string => join(home.dir, 'pm2.pid');
export const rpcSocket = (home: Pm2Home): string => join(home.socketDir, 'rpc.sock');
export const daemonLog = (home: Pm2Home): string => join(home.dir, 'pm2.log');

/** pm2 is configured by its environment alone, and reads it when it is imported. */
export function pm2Settings(home: Pm2Home): Record<string, string> {
  return {
    PM2_HOME: home.dir,
    PM2_DAEMON_RPC_PORT: rpcSocket(home),
    PM2_DAEMON_PUB_PORT: join(home.socketDir, 'pub.sock'),
    PM2_INTERACTOR_RPC_PORT: join(home.socketDir, 'agent.sock'),
    // No banner, no version check over the network, no pm2.io agent, no output of its own.
    PM2_DISCRETE_MODE: 'true',
    PM2_NO_INTERACTION: 'true',
    PM2_DISABLE_VERSION_CHECK: 'true',
    PM2_PROGRAMMATIC: 'true',
    PM2_SILENT: 'true',
    // How often it looks whether a process has ended, in ms.
    PM2_KILL_RETRY_TIME: '20',
  };
}
