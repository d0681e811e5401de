/**
 * A caller of the engine in a process of its own: pm2 takes its paths from the environment of the process
 * that imports it, once. It does what it is told over IPC: `{ id, call, args }` → `{ id, result | error }`.
 */
import { daemonAnswers, endDaemon, launchDaemon } from '../../dist/engine/pm2-daemon.js';
import { Pm2Engine } from '../../dist/engine/pm2-engine.js';

let engine;
const calls = {
  launchDaemon,
  endDaemon,
  daemonAnswers,
  connect: async (home, env) => {
    engine = await Pm2Engine.connect(home, env);
  },
  version: () => engine.version(),
  start: (app) => engine.start(app),
  remove: (name) => engine.remove(name),
  list: () => engine.list(),
  close: () => engine.close(),
};

process.on('message', async ({ id, call, args }) => {
  try {
    process.send({ id, result: await calls[call](...args) });
  } catch ({ name, code, message, hint }) {
    process.send({ id, error: { name, code, message, hint } });
  }
});
process.on('disconnect', () => process.exit(0));
