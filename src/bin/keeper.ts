import { fileURLToPath } from 'node:url';
import { Keeper } from '../keeper/keeper.ts';
import { KEEPER_FILE, locateProject, stateFile } from '../supervisor/project.ts';
import { endWithParent } from './end-with-parent.ts';
import { keepOwnRecord } from './own-record.ts';

const [configFile] = process.argv.slice(2);
if (configFile === undefined) {
  process.stderr.write('The keeper is started by `mcp-supervisor up`: keeper.js CONFIG\n');
  process.exit(2);
}

const keeper = new Keeper({
  script: fileURLToPath(new URL('./supervisor.js', import.meta.url)),
  args: [configFile],
});
const daemon = process.ppid;
// Nothing finds what runs here without its records, not even `down`. It all ends with its daemon.
const stopLooking = keepOwnRecord(stateFile(locateProject({ configFile }), KEEPER_FILE), () => {
  // Where the daemon has ended by itself our parent is somebody else now.
  if (process.connected && process.ppid === daemon) process.kill(daemon, 'SIGKILL');
});
const end = (code: number) => {
  stopLooking();
  void keeper.end().then(() => process.exit(code));
};
process.on('SIGINT', () => end(0));
process.on('SIGTERM', () => end(0));
// pm2's daemon is gone, and the next one would not know this process: end with it.
endWithParent(() => end(1));
keeper.start();
