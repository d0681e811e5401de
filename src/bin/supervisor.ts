import { existsSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { Pm2Engine } from '../engine/pm2-engine.ts';
import { readOrMakeToken } from '../gateway/auth.ts';
import { ConnectionJournal } from '../gateway/connection-journal.ts';
import { Gateway } from '../gateway/gateway.ts';
import { type KeeperChannel, KeeperListener } from '../gateway/listener.ts';
import { type SessionRecord, sessionRecord } from '../gateway/session.ts';
import type { Warning } from '../model.ts';
import { offlineBase, safeBase } from '../plan/safe-env.ts';
import { identify } from '../runner/process-group.ts';
import { DesiredReader } from '../supervisor/desired.ts';
import { JsonFile } from '../supervisor/json-file.ts';
import { lastWords } from '../supervisor/last-words.ts';
import { openLogger } from '../supervisor/logger.ts';
import { locateProject, logFile, prepareProject, SUPERVISOR_FILE, stateFile } from '../supervisor/project.ts';
import { RunnerPort } from '../supervisor/runner-port.ts';
import { readOrMakeKey } from '../supervisor/secret-key.ts';
import { Secrets } from '../supervisor/secrets.ts';
import { EMPTY_STATE, type State, StateStore, stateSchema } from '../supervisor/state.ts';
import { Supervisor } from '../supervisor/supervisor.ts';
import { LOG_LIMITS } from '../supervisor/target.ts';
import { WarningDesk, warningsSchema } from '../supervisor/warning-desk.ts';
import { clientSink, logSink } from '../supervisor/warning-sinks.ts';
import { Webhook } from '../webhook/webhook.ts';
import { endWithParent } from './end-with-parent.ts';
import { VERSION } from './environment.ts';

const [configFile] = process.argv.slice(2);
if (configFile === undefined) {
  process.stderr.write('The supervisor is started by `mcp-supervisor up`: supervisor.js CONFIG\n');
  process.exit(2);
}

process.umask(0o077);
const env = safeBase(process.env);
const project = locateProject({ configFile, runtimeDir: env.XDG_RUNTIME_DIR });
// `up` has made the folder. It does not come back because of one that ends with it.
if (!existsSync(project.stateDir)) process.exit(1);
prepareProject(project);
writeFileSync(stateFile(project, SUPERVISOR_FILE), JSON.stringify(identify(process.pid)));

const secrets = new Secrets();
const redact = (text: string) => secrets.redact(text);
const log = openLogger({ file: logFile(project, 'supervisor'), ...LOG_LIMITS, redact });
const onProblem = (problem: string) => log.warn(problem);
const warnings = new JsonFile<Warning[]>(stateFile(project, 'warnings.json'), onProblem);
// It says how far the logs are read: what was found there would not be found again.
const states = new JsonFile<State>(stateFile(project, 'state.json'), onProblem).behind(warnings);
const engine = await Pm2Engine.connect(project.pm2, offlineBase(env));
const port = new RunnerPort(project.runnerSocket);
const sessions = new JsonFile<SessionRecord[]>(stateFile(project, 'sessions.json'), onProblem);
const gateway = new Gateway({
  listener: new KeeperListener(process as KeeperChannel),
  journal: new ConnectionJournal(stateFile(project, 'connections')),
  socketPath: project.gatewaySocket,
  token: () => readOrMakeToken(stateFile(project, 'token')),
  sessions: sessions.read(z.array(sessionRecord), []),
  saveSessions: (records, now) => {
    sessions.write([...records]);
    if (now) sessions.flush();
  },
  notReady: () => supervisor.notReady(),
  warnings: (server) => desk.told().filter((row) => row.server === server && row.state === 'active'),
});

const knownRows = warnings.read(warningsSchema, []);
const posted = new JsonFile<string[]>(stateFile(project, 'webhook.json'), onProblem);
const webhook: Webhook = new Webhook({
  project: basename(project.root),
  redact,
  rows: () => desk.told(),
  known: posted.read(z.array(z.string()), []),
  saveKnown: (known) => {
    posted.write([...known]);
    posted.flush();
  },
  problem: knownRows.find(({ code, state }) => code === 'webhook.failed' && state === 'active') ?? null,
  onProblem: () => supervisor.reportProject(),
  log: (line) => log.warn(line),
});
const desk = new WarningDesk(warnings, knownRows, redact, [logSink(log), clientSink(gateway), webhook]);

const supervisor: Supervisor = new Supervisor({
  project,
  version: VERSION,
  env,
  engine,
  port,
  gateway,
  secrets,
  log,
  key: readOrMakeKey(stateFile(project, 'key')),
  state: new StateStore(states, states.read(stateSchema, EMPTY_STATE)),
  desk,
  webhook,
  reader: new DesiredReader({
    root: project.root,
    configFile,
    publicEntry: fileURLToPath(new URL('../index.js', import.meta.url)),
    execPath: process.execPath,
  }),
  generations: {
    engine,
    port,
    client: { name: 'mcp-supervisor', version: VERSION },
    runnerScript: fileURLToPath(new URL('./runner.js', import.meta.url)),
    runnerSocket: project.runnerSocket,
    stateDir: project.stateDir,
    redact,
    lastWords: (server, ...child) => lastWords(logFile(project, server), server, ...child),
  },
});

const end = async (code: number) => {
  await supervisor.close();
  process.exit(code);
};
process.on('SIGINT', () => void end(0));
process.on('SIGTERM', () => void end(0));
// The keeper is gone, and with it the port; pm2 starts another, and that a supervisor.
endWithParent(() => void end(1));
process.on('uncaughtException', (error) => {
  process.stderr.write(`${redact(String(error.stack))}\n`);
  log.error(`ends after an error of its own: ${error.stack}`);
  void log.flush().then(() => process.exit(70));
});

await supervisor.start();
log.info(`supervisor ${VERSION} is up`);
