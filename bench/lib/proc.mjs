/** What /proc says of processes (Linux only). */
import { readdirSync, readFileSync } from 'node:fs';

/** CPU time of a process so far in ms: user and system, all its threads. */
export function cpuMs(pid) {
  // The scheduler's own count in ns. /proc/PID/stat counts in ticks of 10 ms, too coarse for an idle process.
  const nanoseconds = readdirSync(`/proc/${pid}/task`)
    .map((task) => readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'latin1').split(' ')[0])
    .reduce((sum, text) => sum + Number(text), 0);
  return nanoseconds / 1e6;
}

/** The same from /proc/PID/stat, in steps of 10 ms. */
export function statCpuMs(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Memory that would be free without this process, in MB: Private_Clean + Private_Dirty. */
export function privateMb(pid) {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
  const kilobytes = [...text.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB$/gm)];
  return kilobytes.reduce((sum, [, kb]) => sum + Number(kb), 0) / 1024;
}

/** Its share of what it holds together with others, in MB. */
export function pssMb(pid) {
  return Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))[1]) / 1024;
}

export function childrenOf(pid) {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return tasks.flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1').split(' ').filter(Boolean).map(Number),
  );
}

/** A process and all that descend from it. */
export function treeOf(pid) {
  return [pid, ...childrenOf(pid).flatMap(treeOf)];
}

/** Our processes of a project by what they are; servers apart. */
export function processesOf(project, { servers, supervisor }) {
  const daemon = Number(readFileSync(project.file('.mcp-supervisor', 'pm2', 'pm2.pid'), 'latin1'));
  const runners = servers.map(({ runnerPid }) => runnerPid);
  // Between pm2's daemon and the supervisor there may be the keeper of the port.
  const keepers = childrenOf(daemon).filter((pid) => pid !== supervisor.pid && !runners.includes(pid));
  return {
    ours: { "pm2's daemon": [daemon], keeper: keepers, supervisor: [supervisor.pid], runner: runners },
    servers: servers.map(({ pid }) => pid),
  };
}
