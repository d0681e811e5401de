import { fileURLToPath } from 'node:url';
import { Keeper } from '../keeper/keeper.ts';
import { endWithParent } from './end-with-parent.ts';

const keeper = new Keeper({
  script: fileURLToPath(new URL('./supervisor.js', import.meta.url)),
  args: process.argv.slice(2),
});
const end = (code: number) => void keeper.end().then(() => process.exit(code));
process.on('SIGINT', () => end(0));
process.on('SIGTERM', () => end(0));
// pm2's daemon is gone, and the next one would not know this process: end with it.
endWithParent(() => end(1));
keeper.start();
