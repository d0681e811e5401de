import { readdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { relative, resolve } from 'node:path';
import { CONFIG_NAMES } from '../config/find.ts';
import type { Config } from '../config/schema.ts';
import { createRedactor } from '../logs/redact.ts';
import type { AdminClient } from '../supervisor/admin/client.ts';
import { withLock } from '../supervisor/lock.ts';
import { type Project, STATE_DIR, stateFile } from '../supervisor/project.ts';
import { judgeCommands } from './command-verdict.ts';
import { lookAtEnvFile } from './env-file-look.ts';
import { judgeEnvFile } from './env-file-verdict.ts';
import { type Diagnosis, type Finding, ok, problem } from './finding.ts';
import { judgeFolder, LOGS, lookAtFolder, STATE } from './folders.ts';
import { Git } from './git.ts';
import { judgeOrphans } from './orphan-verdict.ts';
import { lookForPasted } from './pasted-look.ts';
import { judgePort, lookAtPort } from './port.ts';
import { ancestorsOf, daemonVersion, projectTest, type SeenProcess, seeProcesses } from './process-look.ts';
import { applyRemedies } from './remedies.ts';
import { lookAtRuntime, type RuntimeFacts } from './runtime-look.ts';
import { judgeRuntime } from './runtime-verdict.ts';
import { isSecretValue } from './secret-values.ts';
import { serverProgram } from './server-programs.ts';
import { realPath } from './tracked-file.ts';
import { judgeVersions, type Versions } from './versions.ts';
import { type ConfigReading, readConfig, valuesIn, type WantedLaunch, wantedLaunches } from './wanted.ts';

export interface ExamineOptions {
  readonly project: Project;
  readonly admin: AdminClient;
  readonly publicEntry: string;
  readonly env: Readonly<Record<string, string>>;
  readonly versions: Omit<Versions, 'daemonPm2'>;
  readonly clientToken: string | null;
  readonly signal: AbortSignal;
}

/** Where the config does not say it, the gateway is here. */
const DEFAULT_PLACE = { host: '127.0.0.1', port: 7420 };
/** Another `up` or `down` is at work: what is wrong now may be right in a moment. */
const LOCK_MS = 3_000;
const EXAMPLE = /\.(?:example|sample|template)$/;

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
  const { project, env, versions, clientToken } = options;
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
  const folders = Promise.all([
    lookAtFolder(STATE, project.stateDir, root, git),
    lookAtFolder(LOGS, project.logsDir, root, git),
  ]);
  const [reading, runtime] = await Promise.all([readConfig(context), lookAtRuntime(project, options.admin)]);
  const config = reading.kind === 'loaded' ? reading.config : null;
  const launches = config === null ? [] : await wantedLaunches(config, context);
  const files = envFilesOf(config, project.root);
  for (const file of files) {
    for (const [name, value] of Object.entries(valuesIn([file])))
      if (isSecretValue(name, value))
        secrets.set(value.trim(), `the value of ${name} in ${relative(project.root, file)}`);
  }
  const { host, port } = config?.gateway ?? DEFAULT_PLACE;
  const lacking = launches.filter(({ isBlocked }) => isBlocked).map(({ name }) => name);
  const pasted = { root, configFile, env, secrets, clientToken, git };
  const [envFiles, portFacts, ourFolders, pastedFindings] = await Promise.all([
    Promise.all(files.map((file) => lookAtEnvFile(file, root, git))),
    lookAtPort(host, port),
    folders,
    lookForPasted(pasted),
  ]);
  const isProject = projectTest([STATE_DIR, ...CONFIG_NAMES]);
  const processes = seeProcesses(uid, (folder) => folder === root || isProject(folder));
  return [
    ...judgeVersions({ ...versions, daemonPm2: daemonVersion(processes, runtime.daemonPid) }),
    judgeConfig(reading),
    ...envFiles.flatMap((facts) => judgeEnvFile(facts, { root, uid, lacking })),
    ...pastedFindings,
    ...judgeCommands(launches),
    judgePort(portFacts, runtime),
    ...judgeRuntime(runtime, versions.own),
    ...judgeOrphans(processes, orphanContext(root, launches, runtime, processes)),
    ...ourFolders.flatMap((facts) => (facts === null ? [] : judgeFolder(facts, root, uid))),
  ];
}

function judgeConfig(reading: ConfigReading): Diagnosis {
  const id = 'config.loads';
  if (reading.kind === 'loaded') {
    const names = Object.keys(reading.config.servers);
    return ok(
      id,
      `The config loads: ${names.length === 1 ? '1 server' : `${names.length} servers`}`,
      names.join(', '),
    );
  }
  const { message, hint } = reading.problem;
  return problem('error', id, { title: 'The config cannot be used', detail: message, hint });
}

/** Of the config; where it cannot be read, what looks like one. */
function envFilesOf(config: Config | null, root: string): readonly string[] {
  const names =
    config === null
      ? ['.env', ...readdirSync(root).filter((name) => name.startsWith('.env.') && !EXAMPLE.test(name))]
      : [...config.envFiles, ...Object.values(config.servers).flatMap(({ envFiles }) => envFiles)];
  return [...new Set(names.map((name) => resolve(root, name)))];
}

function orphanContext(
  root: string,
  launches: readonly WantedLaunch[],
  runtime: RuntimeFacts,
  processes: readonly SeenProcess[] | null,
) {
  const { keeperPid, supervisorPid, daemonPid, groups } = runtime;
  const runners = groups.filter(({ runnerLives }) => runnerLives).map(({ runner }) => runner);
  const ours = [keeperPid, supervisorPid, daemonPid, ...runners].filter((pid) => pid !== null);
  return {
    root,
    programs: launches.map(({ name, launch }) => serverProgram(name, launch, root)),
    keepers: new Set([...ours, process.pid]),
    spared: new Set(ancestorsOf(process.pid, processes ?? [])),
    groups: new Set(groups.filter((one) => one.runnerLives || one.groupLives).map(({ group }) => group)),
  };
}
