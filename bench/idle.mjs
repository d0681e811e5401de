/**
 * What our own processes cost while nothing happens: CPU and private memory.
 * Targets: less than 0.5 % of a core for all of them together, a runner at most 12 MB.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuMs, privateMb, processesOf, pssMb, statCpuMs } from './lib/proc.mjs';
import { fixture, withProject } from './lib/project.mjs';
import { median, option, print, sum, table, verdict } from './lib/report.mjs';

const COUNT = option('servers', 10);
const SECONDS = option('seconds', 30);
const WINDOWS = option('windows', 3);
const SETTLE_MS = 10_000;
const tiny = { command: process.execPath, args: [fixture('tiny')], env: { KEY: '${KEY}' } };
const servers = Object.fromEntries(Array.from({ length: COUNT }, (_, index) => [`tiny-${index}`, tiny]));

await withProject(servers, 'KEY=value-one\n', async (project) => {
  const { ours } = processesOf(project, await project.status());
  await sleep(SETTLE_MS);
  const windows = [];
  for (let window = 0; window < WINDOWS; window++) windows.push(await percentages(ours));
  const kinds = Object.keys(ours).filter((kind) => ours[kind].length > 0);
  const cpu = (kind) => median(windows.map((window) => sum(window[kind])));
  const memory = (kind, read) => ours[kind].map(read);

  print(`${COUNT} servers, idle, median of ${WINDOWS} × ${SECONDS} s\n`);
  table([
    ['process', 'how many', 'CPU of a core, together', 'private memory, each', 'PSS, each'],
    ...kinds.map((kind) => [
      kind,
      ours[kind].length,
      `${cpu(kind).toFixed(3)} %`,
      mb(memory(kind, privateMb)),
      mb(memory(kind, pssMb)),
    ]),
  ]);
  const total = median(windows.map((window) => sum(kinds.flatMap((kind) => window[kind]))));
  const ticks = median(windows.map((window) => window.ticks));
  const runner = Math.max(...memory('runner', privateMb));
  const all = sum(kinds.flatMap((kind) => memory(kind, privateMb)));
  print(
    `\nCPU together: ${total.toFixed(3)} % (by ticks of 10 ms: ${ticks.toFixed(2)} %), target < 0.5 %: ${verdict(total < 0.5)}`,
  );
  print(`largest runner: ${runner.toFixed(1)} MB, target ≤ 12 MB: ${verdict(runner <= 12)}`);
  print(`private memory of all our processes: ${all.toFixed(0)} MB`);
});

/** Of each process, the share of a core over the next seconds. */
async function percentages(ours) {
  const pids = Object.values(ours).flat();
  const read = (of) => new Map(pids.map((pid) => [pid, of(pid)]));
  const from = performance.now();
  const before = { exact: read(cpuMs), ticks: read(statCpuMs) };
  await sleep(SECONDS * 1000);
  const passed = performance.now() - from;
  const share = (of, was) => (pid) => (100 * (of(pid) - was.get(pid))) / passed;
  const exact = Object.entries(ours).map(([kind, list]) => [kind, list.map(share(cpuMs, before.exact))]);
  return { ...Object.fromEntries(exact), ticks: sum(pids.map(share(statCpuMs, before.ticks))) };
}

function mb(values) {
  return `${median(values).toFixed(1)} MB`;
}
