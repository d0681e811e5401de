/** Measures systems against the floor, and prints the tables. */
import { measureCalls, measureMemory, ratio } from './measure.mjs';
import { median, option, print, table } from './report.mjs';

const ROUNDS = option('rounds', 7);
const CALLS = option('calls', 500);
const BIG_CALLS = option('big-calls', 40);
const SECONDS = option('seconds', 2);
const MEMORY_ROUNDS = option('memory-rounds', 3);
const CLIENTS = option('clients', 20);

/** `names` of the systems that the others are compared with. Resolves with the rows. */
export async function compare(systems, { base, floor }) {
  const calls = await measureCalls(systems, {
    rounds: ROUNDS,
    calls: CALLS,
    bigCalls: BIG_CALLS,
    seconds: SECONDS,
  });
  const against = (row, name, key) => ratio(row[key], calls.get(name)[key]);
  print(
    `median of ${ROUNDS} rounds, all systems in turn within each: ${CALLS} calls one by one, 8 sessions × 8 callers for ${SECONDS} s, ${BIG_CALLS} calls of 1 MiB\n`,
  );
  table([
    ['', 'p50, 100 bytes', `× ${base}`, `× ${floor}`, 'calls/s', `× ${floor}`, 'p50, 1 MiB', `× ${floor}`],
    ...[...calls].map(([name, row]) =>
      row.failed !== null
        ? [name, row.failed, '', '', '', '', '', '']
        : [
            name,
            `${median(row.small).toFixed(3)} ms`,
            against(row, base, 'small').toFixed(1),
            against(row, floor, 'small').toFixed(2),
            Math.round(median(row.rate)),
            against(row, floor, 'rate').toFixed(2),
            ...(row.big.length === 0
              ? [`fails: ${reasonOf(row.bigFailed)}`, '']
              : [`${median(row.big).toFixed(1)} ms`, against(row, floor, 'big').toFixed(2)]),
          ],
    ),
  ]);
  const alive = Object.entries(systems).filter(([name]) => calls.get(name).failed === null);
  const memory = await measureMemory(Object.fromEntries(alive), { rounds: MEMORY_ROUNDS, clients: CLIENTS });
  print(
    `\nPSS of all its processes with the server's, median of ${MEMORY_ROUNDS} fresh starts; a client has its GET stream open\n`,
  );
  table([
    ['', 'no client', `${CLIENTS} clients`, 'each further client'],
    ...[...memory].map(([name, { none, all, each }]) => [
      name,
      mb(median(none), 0),
      mb(median(all), 0),
      `${mb(median(each), 2)} (${each.map((value) => value.toFixed(2)).join(', ')})`,
    ]),
  ]);
  return { calls, memory };
}

/** Without the page of HTML that some answer with. */
function reasonOf(message) {
  return /^[^<\n]{0,60}/.exec(message)[0].replace(/[: ]+$/, '');
}

function mb(value, digits) {
  return `${value.toFixed(digits)} MB`;
}
