import { setTimeout as sleep } from 'node:timers/promises';
import type { Place } from '../connect/wire.ts';
import { SupervisorError } from '../errors.ts';
import type { StatusReport } from '../model.ts';
import { checkNames } from '../names.ts';
import type { CliContext, ProjectAccess, Verb } from './context.ts';
import { followProgress } from './follow-progress.ts';
import { reachable } from './reachable.ts';
import { statusOrNull } from './read-status.ts';
import { upRequest } from './up.ts';

/** How long a supervisor that somebody else is just starting may take until it has read its config. */
const START_TIMEOUT_MS = 30_000;
const POLL_MS = 50;
/** While it is away we ask often. */
const SILENCE_MS = 5_000;

/** Lets a client that only starts commands talk to a server: stdio here, the server's endpoint there. */
export const connect: Verb = async (context, names, options) => {
  const [server = ''] = names;
  const project = context.openProject(options.config);
  placeOf(await running(context, project), server, project);
  const { bridge } = await import('../connect/bridge.ts');
  await bridge({
    ...context.stdio(),
    signal: context.signal,
    locate: async () => placeOf(await runningAgain(context, project), server, project),
    tell: (text) => context.err.write(`mcp-supervisor connect ${server}: ${text}\n`),
  });
  return 0;
};

/** The status of a supervisor that knows its servers; where none runs, all is started as `up` does it. */
async function running(context: CliContext, project: ProjectAccess): Promise<StatusReport> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const report = await statusOrNull(project.admin);
    if (report === null) await start(context, project);
    else if (report.gateway !== null) return report;
    else if (Date.now() >= deadline) throw notListening(report);
    else await sleep(POLL_MS, undefined, { signal: context.signal });
  }
}

/** The status; after the loss of pm2's daemon all is started again. After a `down` that is the user's to do. */
async function runningAgain(context: CliContext, project: ProjectAccess): Promise<StatusReport> {
  try {
    return await project.admin.status(SILENCE_MS);
  } catch (error) {
    if (!(await project.bringBack())) throw error;
    await startServers(context, project);
    return project.admin.status(SILENCE_MS);
  }
}

async function start(context: CliContext, project: ProjectAccess): Promise<void> {
  context.err.write(`No supervisor is running for ${project.configFile}; starting it\n`);
  // Several clients may start at once: then one of them does it, and the others wait.
  if (await project.bringUp()) await startServers(context, project);
}

async function startServers(context: CliContext, project: ProjectAccess): Promise<void> {
  try {
    const request = upRequest(context, project, null, { dryRun: false, wait: false });
    await followProgress(context, project.admin.up(request, context.signal), null);
  } catch (error) {
    await project.tearDown();
    throw error;
  }
}

function placeOf(report: StatusReport, server: string, project: ProjectAccess): Place {
  if (report.gateway === null) throw notListening(report);
  checkNames(
    [server],
    report.servers.map(({ name }) => name),
  );
  const row = report.servers.find(({ name }) => name === server);
  return { url: reachable(row?.url ?? ''), token: project.token() };
}

function notListening({ warnings }: StatusReport): SupervisorError {
  const cause = warnings.find(({ server }) => server === null);
  const message = cause?.message ?? 'The supervisor has not opened its gateway yet';
  return new SupervisorError('gateway.unusable', message, cause?.hint ?? 'See logs/supervisor.log.');
}
