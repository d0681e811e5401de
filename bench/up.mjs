/**
 * `up` of a project that has never run, to all servers ready, against starting the same servers directly
 * and in parallel. Target: at most 1.5 times as long, plus 1 s.
 */
import { start } from './lib/direct.mjs';
import { fixture, Project } from './lib/project.mjs';
import { median, option, print, spread, table, verdict } from './lib/report.mjs';

const COUNT = option('servers', 10);
const ROUNDS = option('rounds', 7);
const tiny = { command: process.execPath, args: [fixture('tiny')] };
const servers = Object.fromEntries(Array.from({ length: COUNT }, (_, index) => [`tiny-${index}`, tiny]));

const times = { direct: [], cold: [], again: [] };
for (let round = 0; round < ROUNDS; round++) {
  times.direct.push(await timed(startDirectly));
  const project = new Project(servers);
  try {
    times.cold.push(await timed(() => project.run('up')));
    times.again.push(await timed(() => project.run('up')));
    const { servers: rows } = await project.status();
    if (rows.some(({ state }) => state !== 'ready')) throw new Error('not all are ready');
  } finally {
    await project.remove();
  }
}

const limit = 1.5 * median(times.direct) + 1000;
print(`${COUNT} servers, median of ${ROUNDS} rounds (range)\n`);
table([
  ['', 'time'],
  ['started directly, in parallel', spread(times.direct)],
  ['`up`, nothing running', spread(times.cold)],
  ['`up`, everything running', spread(times.again)],
]);
print(
  `\ntarget ≤ 1.5 × ${Math.round(median(times.direct))} ms + 1 s = ${Math.round(limit)} ms: ${verdict(median(times.cold) <= limit)}`,
);

async function startDirectly() {
  const started = await Promise.all(Object.values(servers).map(start));
  return () => Promise.all(started.map((server) => server.stop()));
}

/** What `work` returns is done afterwards, outside the time. */
async function timed(work) {
  const from = performance.now();
  const after = await work();
  const ms = performance.now() - from;
  if (typeof after === 'function') await after();
  return ms;
}
