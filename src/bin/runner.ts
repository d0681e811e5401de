import { Runner } from '../runner/runner.ts';
import { endWithParent } from './end-with-parent.ts';

const [socketPath, app] = process.argv.slice(2);
if (socketPath === undefined || app === undefined) {
  process.stderr.write('The runner is started by mcp-supervisor: runner.js SOCKET APP\n');
  process.exit(2);
}

const runner = new Runner({ socketPath, app, exit: (code) => process.exit(code) });
const stop = () => void runner.end();
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
// pm2's daemon is gone, and the next one would not know this process: end with it.
endWithParent(stop);
process.on('uncaughtException', (error) => {
  runner.abandon();
  process.stderr.write(`${error.stack}\n`);
  process.exit(70);
});

await runner.run();
