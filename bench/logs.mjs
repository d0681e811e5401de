/**
 * A server that prints 50,000 lines a second for 5 s. Every line must be in its log file, and the server
 * must not be held back by us.
 */
import { createReadStream, readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { callTool } from './lib/client.mjs';
import { cpuMs, processesOf } from './lib/proc.mjs';
import { endpointOf, fixture, withProject } from './lib/project.mjs';
import { median, option, print, table, verdict } from './lib/report.mjs';

const RATE = option('rate', 50_000);
const SECONDS = option('seconds', 5);
const ROUNDS = option('rounds', 3);
const chatty = { command: process.execPath, args: [fixture('chatty'), String(RATE), String(SECONDS)] };
const expected = RATE * SECONDS;
const rounds = [];
for (let round = 0; round < ROUNDS; round++) rounds.push(await flood());

const of = (key) => median(rounds.map((round) => round[key]));
print(`${expected} lines, ${RATE} a second, median of ${ROUNDS} rounds\n`);
table([
  ['', ''],
  ['time the server took to print them', `${of('ms').toFixed(0)} ms`],
  ['lines a second', Math.round((expected * 1000) / of('ms'))],
  ['lines in the log files', rounds.map(({ lines }) => lines).join(', ')],
  ['of them out of order', rounds.map(({ disorder }) => disorder).join(', ')],
  ['until the last one was in the file', `${of('lateMs').toFixed(0)} ms`],
  ['CPU of the runner', `${of('runner').toFixed(0)} % of a core`],
  ['CPU of the supervisor (it reads the log for the rules)', `${of('supervisor').toFixed(0)} % of a core`],
]);
const complete = rounds.every(({ lines, disorder }) => lines === expected && disorder === 0);
print(
  `\ntarget: all lines, in order, and not held back by more than 5 %: ${verdict(complete && of('ms') <= SECONDS * 1050)}`,
);

function flood() {
  return withProject({ chatty }, '', async (project) => {
    const status = await project.status();
    const { ours } = processesOf(project, status);
    const cpu = () => ({ runner: cpuMs(ours.runner[0]), supervisor: cpuMs(ours.supervisor[0]) });
    const [before, from] = [cpu(), performance.now()];
    await callTool(endpointOf(status, project), 'echo', {});
    const ms = performance.now() - from;
    const after = cpu();
    let found = await numbers(project);
    const end = performance.now();
    while (found.length < expected && performance.now() < end + 5_000) found = await numbers(project);
    return {
      ms,
      lateMs: performance.now() - from - ms,
      lines: found.length,
      disorder: found.filter((number, index) => number !== index).length,
      runner: (100 * (after.runner - before.runner)) / ms,
      supervisor: (100 * (after.supervisor - before.supervisor)) / ms,
    };
  });
}

/** The numbers of the flood's lines in all files of the log, the oldest file first. */
async function numbers(project) {
  const files = readdirSync(project.file('logs')).filter((name) => /^chatty\.log(\.\d+)?$/.test(name));
  const age = (name) => Number(name.split('.')[2] ?? 0);
  const found = [];
  for (const name of files.sort((a, b) => age(b) - age(a))) {
    for await (const text of createInterface({ input: createReadStream(project.file('logs', name)) })) {
      const match = /"line":"line (\d+) /.exec(text);
      if (match !== null) found.push(Number(match[1]));
    }
  }
  return found;
}
