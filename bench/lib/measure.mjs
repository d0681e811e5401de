/** The same questions to several systems, in turn within every round, so that all see the same machine. */
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, timed } from './client.mjs';
import { pssMb } from './proc.mjs';
import { median, sum } from './report.mjs';

const SESSIONS = 8;
const CALLERS = 8;
const WARM_UP_CALLS = 500;
const SETTLE_MS = 2_000;
/** The arguments of a call as JSON are so long; a server that echoes them answers with as much. */
const SMALL = argumentsOf(100);
const BIG = argumentsOf(1024 * 1024);

/**
 * `systems`: name → function that starts it. Resolves with a row per name: p50 of a small and a big call
 * in ms and calls per second, each with one value per round; or `failed`.
 */
export async function measureCalls(systems, { rounds, calls, bigCalls, seconds }) {
  const rows = new Map();
  const running = [];
  try {
    for (const [name, start] of Object.entries(systems)) {
      const row = { small: [], big: [], rate: [], failed: null };
      rows.set(name, row);
      try {
        const system = await start();
        running.push({ system, row, sessions: [] });
        await prepare(running.at(-1));
      } catch (error) {
        row.failed = error.message;
      }
    }
    for (let round = 0; round < rounds; round++) {
      // Another one goes first each time.
      const order = running.map((_, index) => running[(index + round) % running.length]);
      for (const { sessions, row } of order) {
        if (row.failed !== null) continue;
        const [{ ask }] = sessions;
        row.small.push(await p50(ask, sessions.call(SMALL), calls));
        row.rate.push(await callsPerSecond(sessions, sessions.call(SMALL), seconds));
        if (row.bigFailed === undefined) row.big.push(await p50(ask, sessions.call(BIG), bigCalls));
      }
    }
  } finally {
    for (const { system, sessions } of running) {
      for (const session of sessions) await session.close();
      await system.stop();
    }
  }
  return rows;
}

/** PSS of all processes of a system in MB, without clients and with `clients` of them; and of one more. */
export async function measureMemory(systems, { rounds, clients }) {
  const rows = new Map();
  for (let round = 0; round < rounds; round++) {
    for (const [name, start] of Object.entries(systems)) {
      const row = rows.get(name) ?? { none: [], all: [], each: [] };
      rows.set(name, row);
      const system = await start();
      const sessions = [];
      try {
        // What the first client costs in code that is compiled and loaded is not what each one costs.
        const first = await system.open({ listen: true });
        await callSome(first);
        await first.close();
        await sleep(SETTLE_MS);
        const none = pssOf(system);
        for (let client = 0; client < clients; client++) sessions.push(await system.open({ listen: true }));
        await Promise.all(sessions.map(callSome));
        await sleep(SETTLE_MS);
        const all = pssOf(system);
        row.none.push(none);
        row.all.push(all);
        row.each.push((all - none) / clients);
      } finally {
        for (const session of sessions) await session.close();
        await system.stop();
      }
    }
  }
  return rows;
}

/** The median over rounds of how one compares with the other in the same round. */
export function ratio(values, others) {
  return median(values.map((value, round) => value / others[round]));
}

async function prepare({ system, row, sessions }) {
  for (let session = 0; session < SESSIONS; session++) sessions.push(await system.open());
  const name = await toolOf(sessions[0]);
  sessions.call = (args) => ({ name, arguments: args });
  await check(sessions[0], sessions.call(SMALL));
  for (let call = 0; call < WARM_UP_CALLS; call++) await sessions[0].ask('tools/call', sessions.call(SMALL));
  try {
    await check(sessions[0], sessions.call(BIG));
  } catch (error) {
    row.bigFailed = error.message;
  }
}

/** Gateways with several servers put the server's name before the tool's. */
async function toolOf(session) {
  const { tools } = messageOf(await session.ask('tools/list', {})).result;
  const tool = tools.find(({ name }) => name.endsWith('echo'));
  if (tool === undefined) throw new Error(`no echo among ${tools.map(({ name }) => name).join(', ')}`);
  return tool.name;
}

async function check({ ask }, params) {
  const { result, error } = messageOf(await timed(ask('tools/call', params), 'the answer'));
  if (error !== undefined) throw new Error(error.message);
  if (result.content[0].text !== JSON.stringify(params.arguments)) throw new Error('another answer');
}

async function callSome(session) {
  const name = await toolOf(session);
  for (let call = 0; call < 5; call++) await check(session, { name, arguments: SMALL });
}

async function p50(ask, params, calls) {
  const times = [];
  for (let call = 0; call < calls; call++) {
    const from = performance.now();
    await ask('tools/call', params);
    times.push(performance.now() - from);
  }
  return median(times);
}

async function callsPerSecond(sessions, params, seconds) {
  let done = 0;
  const from = performance.now();
  const until = from + seconds * 1000;
  const caller = async ({ ask }) => {
    while (performance.now() < until) {
      await ask('tools/call', params);
      done += 1;
    }
  };
  await Promise.all(sessions.flatMap((session) => Array.from({ length: CALLERS }, () => caller(session))));
  return (done * 1000) / (performance.now() - from);
}

function pssOf(system) {
  return sum(system.pids().map(pssMb));
}

function argumentsOf(bytes) {
  return { text: 'x'.repeat(bytes - JSON.stringify({ text: '' }).length) };
}
