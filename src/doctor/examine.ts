import { userInfo } from 'node:os';
import { CONFIG_NAMES } from '../config/find.ts';
import type { Config } from '../config/schema.ts';
import { messageOf } from '../errors.ts';
import { createRedactor } from '../logs/redact.ts';
import type { AdminClient } from '../supervisor/admin/client.ts';
import { withLock } from '../supervisor/lock.ts';
import { type Project, STATE_DIR, stateFile } from '../supervisor/project.ts';
import { judgeCommands } from './command-verdict.ts';
import { judgeConfig } from './config-verdict.ts';
import { lookAtEnvFile } from './env-file-look.ts';
import { judgeEnvFile } from './env-file-verdict.ts';
import { type Diagnosis, type Finding, problem } from './finding.ts';
import { type FolderUse, judgeFolder, LOGS, lookAtFolder, STATE } from './folders.ts';
import { Git } from './git.ts';
import { judgeOrphans, orphanContext } from './orphan-verdict.ts';
import { lookForPasted } from './pasted-look.ts';
import { judgePort, lookAtPort } from './port.ts';
import { daemonVersion, projectTest, seeProcesses } from './process-look.ts';
import { readHead } from './read-head.ts';
import { applyRemedies } from './remedies.ts';
import { lookAtRuntime, NOTHING_RUNS, type RuntimeFacts } from './runtime-look.ts';
import { judgeRuntime } from './runtime-verdict.ts';
import { realPath } from './tracked-file.ts';
import { judgeVersions, type Versions } from './versions.ts';
import { envFilesOf, readConfig, secretsIn, wantedLaunches } from './wanted.ts';

export interface ExamineOptions {
  readonly project: Project;
  readonly admin: AdminClient;
  readonly publicEntry: string;
  readonly env: Readonly<Record<string, string>>;
  readonly home: string;
  readonly versions: Omit<Versions, 'daemonPm2'>;
  readonly signal: AbortSignal;
}

/** Another `up` or `down` is at work: what is wrong now may be right in a moment. */
const LOCK_MS = 3_000;
const MAX_TOKEN_BYTES = 4096;

/** Looks at everything at once, judges it, and with `fix` mends what is safe to mend. Changes nothing without. */
export async function examine(options: ExamineOptions, fix: boolean): Promise<Finding[]> {
  const { project, signal } = options;
  const git = new Git(options.env, signal);
  const secrets = new Map<string, string>();
  const diagnoses = await lookAndJudge(options, git, secrets);
  const locked = (work: () => Promise<string>) =>
    realPath(project.stateDir) === null
      ? work()
      : withLock(stateFile(project, 'lock'), { timeoutMs: LOCK_MS, signal }, work);
  const findings = fix
    ? await applyRemedies(diagnoses, git, locked)
    : diagnoses.map(({ finding }) => finding);
  // No text is made from a value; where one is (a folder named like a password), it must not show either.
  const redact = createRedactor(secrets.keys());
  return findings.map(({ status, ...texts }) => ({
    id: redact(texts.id),
    status,
    title: redact(texts.title),
    detail: redact(texts.detail),
    hint: redact(texts.hint),
  }));
}

async function lookAndJudge(
  options: ExamineOptions,
  git: Git,
  secrets: Map<string, string>,
): Promise<Diagnosis[]> {
  const { project, env, home, versions } = options;
  const { configFile } = project;
  const root = realPath(project.root) ?? project.root;
  const uid = process.platform === 'win32' ? null : userInfo().uid;
  const context = {
    root: project.root,
    configFile,
    publicEntry: options.publicEntry,
    execPath: versions.execPath,
    env,
  };
  const unseen: Diagnosis[] = [];
  /** One thing that cannot be looked at (a folder of another user's) must not hide the others. */
  const looked = async <T>(what: string, look: () => T | Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await look();
    } catch (error) {
      options.signal.throwIfAborted();
      const hint = 'Mend what the message names. Where it is a file that you own, please report this.';
      const title = `The ${what} could not be looked at`;
      unseen.push(problem('error', `doctor:${what}`, { title, detail: messageOf(error), hint }));
      return otherwise;
    }
  };

  const [reading, runtime] = await Promise.all([
    readConfig(context),
    looked('runtime', () => lookAtRuntime(project, options.admin), NOTHING_RUNS),
  ]);
  const config = reading.kind === 'loaded' ? reading.config : null;
  const launches = config === null ? [] : await looked('servers', () => wantedLaunches(config, context), []);
  const files = await looked('env-files', () => envFilesOf(config, project.root), []);
  for (const [value, what] of secretsIn(files, project.root)) secrets.set(value, what);
  const lacking = launches.filter(({ isBlocked }) => isBlocked).map(({ name }) => name);
  const isProject = projectTest([STATE_DIR, ...CONFIG_NAMES]);
  const seen = () => seeProcesses(uid, (folder) => folder === root || isProject(folder));
  const processes = await looked('processes', seen, null);
  const token = await readHead(stateFile(project, 'token'), MAX_TOKEN_BYTES);
  const clientToken = token.kind === 'text' && token.text.trim() !== '' ? token.text.trim() : null;
  const pasted = { root, configFile, env, home, secrets, clientToken, git };
  const folder = async (use: FolderUse, dir: string) => {
    const facts = await lookAtFolder(use, dir, root, git);
    return facts === null ? [] : judgeFolder(facts, root, uid);
  };
  const families = await Promise.all([
    judgeVersions({ ...versions, daemonPm2: daemonVersion(processes, runtime.daemonPid) }),
    [judgeConfig(reading)],
    ...files.map((file) =>
      looked(
        'env-files',
        async () => judgeEnvFile(await lookAtEnvFile(file, root, git), { root, uid, lacking }),
        [],
      ),
    ),
    looked('client-files', () => lookForPasted(pasted), []),
    looked('commands', () => judgeCommands(launches), []),
    // Where the config cannot be read, nobody knows which port it is.
    looked('port', async () => (config === null ? [] : [await portOf(config.gateway, runtime)]), []),
    judgeRuntime(runtime, versions.own),
    judgeOrphans(processes, orphanContext(root, launches, runtime, processes)),
    looked('state', () => folder(STATE, project.stateDir), []),
    looked('logs', () => folder(LOGS, project.logsDir), []),
  ]);
  return [...families.flat(), ...unseen];
}

async function portOf({ host, port }: Config['gateway'], runtime: RuntimeFacts): Promise<Diagnosis> {
  return judgePort(await lookAtPort(host, port), runtime);
}
