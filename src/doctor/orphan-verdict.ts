import { residentBytes } from '../runner/process-table.ts';
import { type Diagnosis, ok, problem } from './finding.ts';
import { findOrphans, type OrphanContext } from './orphans.ts';
import { ancestorsOf, hasWriter, type SeenProcess } from './process-look.ts';
import type { RuntimeFacts } from './runtime-look.ts';
import { serverProgram } from './server-programs.ts';
import type { WantedLaunch } from './wanted.ts';

/** Servers of this project whose client is gone; null for processes: the system does not show them. */
export function judgeOrphans(processes: readonly SeenProcess[] | null, context: OrphanContext): Diagnosis[] {
  const id = 'processes.orphaned';
  if (processes === null) {
    return [ok(id, 'Orphaned servers were not looked for', 'Only Linux shows what that takes.')];
  }
  const orphans = findOrphans(processes, context).filter(
    ({ seen: { stdin, pid } }) => !stdin.startsWith('pipe:') || !hasWriter(stdin, pid, processes),
  );
  if (orphans.length === 0) return [ok(id, 'No server of this project is without its client')];
  return orphans.map(({ seen, server }) => {
    const { pid, startTime, name, cwd, ageMs } = seen;
    const megabytes = Math.round(residentBytes(pid) / 1024 / 1024);
    return problem(
      'warning',
      `${id}:${pid}`,
      {
        title: `Process ${pid} is a server (${server}) whose client is gone`,
        detail: `${name}, started ${ageText(ageMs)} ago in ${cwd}, ${megabytes} MB.`,
        hint: `kill ${pid} (--fix ends it)`,
      },
      { kind: 'end-process', identity: { pid, startTime } },
    );
  });
}

function ageText(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return 'less than a minute';
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
}

/** The servers to look for, and whose processes are to be left alone: our own, and those that look after others. */
export function orphanContext(
  root: string,
  launches: readonly WantedLaunch[],
  runtime: RuntimeFacts,
  processes: readonly SeenProcess[] | null,
): OrphanContext {
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
