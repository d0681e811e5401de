import type { Endpoint } from '../gateway/endpoint.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Generation as GenerationNumber, ServerName } from '../model.ts';
import type { Rule } from '../warnings/rules.ts';
import { crashLoop, logFailed, oversizeLine, stdoutNoise } from './findings.ts';
import type { GenerationDeps } from './generation-deps.ts';
import type { Logger } from './logger.ts';
import { logFile, type Project } from './project.ts';
import { RuleWatch } from './rule-watch.ts';
import type { RunnerReport } from './runner-port.ts';
import { Server, type ServerEvents } from './server.ts';
import type { StateStore } from './state.ts';
import type { WarningDesk } from './warning-desk.ts';

export interface MemberOptions {
  readonly project: Project;
  readonly state: StateStore;
  readonly desk: WarningDesk;
  readonly log: Logger;
  readonly generations: Omit<GenerationDeps, 'logRead'>;
  readonly gateway: Gateway;
  readonly onChange: () => void;
}

/** A server with the watch over its log. */
export interface Member {
  readonly server: Server;
  readonly watch: RuleWatch;
  readonly endpoint: Endpoint;
}

/** Wires a server to what remembers it: state, warnings, the supervisor's log. */
export function createMember(
  name: ServerName,
  options: MemberOptions,
  rulesFor: () => readonly Rule[],
): Member {
  const { project, state, desk, log, generations } = options;
  const watch = new RuleWatch({
    file: logFile(project, name),
    from: state.server(name).cursor,
    rulesFor,
    onFinding: (generation, draft) => desk.raise(name, generation, draft),
    onCursor: (cursor) => state.update(name, { cursor }),
    onError: (error) => log.error(`${name}: its log cannot be read for warnings: ${error}`),
  });
  const { lastReload, restarts } = state.server(name);
  const deps = {
    generations: { ...generations, logRead: () => watch.read() },
    nextNumber: () => state.nextGeneration(name),
    lastReload,
    restarts,
  };
  const endpoint = options.gateway.open(name);
  const server: Server = new Server(name, deps, serverEvents(name, options, watch, endpoint));
  watch.poke();
  return { server, watch, endpoint };
}

function serverEvents(
  name: ServerName,
  options: MemberOptions,
  watch: RuleWatch,
  endpoint: Endpoint,
): ServerEvents {
  const { state, desk, log, onChange } = options;
  return {
    onChange,
    onReload: (reload) => {
      state.update(name, { lastReload: { ...reload, changedKeys: [...reload.changedKeys] } });
      const keys = reload.changedKeys.length === 0 ? '' : ` (${reload.changedKeys.join(', ')})`;
      log.info(`${name}: ${reload.reason}${keys}: ${reload.outcome} after ${reload.durationMs} ms`);
    },
    onKept: (generation, draft) => desk.raise(name, generation, draft),
    onCrash: (generation, reason, restarts) => {
      state.update(name, { restarts });
      log.warn(`${name}: generation ${generation} crashed: ${reason}`);
    },
    onGivenUp: (generation, reason) => {
      desk.raise(name, generation, crashLoop(name, reason));
      endpoint.unavailable(`${name} was given up: ${reason}`);
    },
    onHold: () => endpoint.hold(),
    drained: async ({ current }, limitMs) => {
      if (current !== null) await endpoint.drained(current, limitMs);
    },
    onServing: ({ number, current }) => {
      if (current !== null) endpoint.serve(current);
      log.info(`${name}: generation ${number} is ready`);
      desk.over(name, 'server.crash-loop', 'reload.failed');
      desk.serving(name, number);
    },
    forGeneration: (generation) => ({
      onAnswer: (line, answer) => endpoint.onAnswer(line, answer),
      onMessage: (child, message, text) => endpoint.onMessage(child, message, text),
      onEnd: (child, end) => endpoint.lost(child, end.kind === 'lost' ? 'was cut off' : end.reason),
      onReport: (report) => note(name, generation, report, desk, watch),
    }),
  };
}

function note(
  name: ServerName,
  generation: GenerationNumber,
  report: RunnerReport,
  desk: WarningDesk,
  watch: RuleWatch,
): void {
  switch (report.kind) {
    case 'logged':
      watch.poke();
      return;
    case 'noise':
      desk.raise(name, generation, stdoutNoise(name, report.sample));
      return;
    case 'oversize':
      desk.raise(name, generation, oversizeLine(name, report.stream, report.bytes));
      return;
    case 'log-failed':
      desk.raise(name, generation, logFailed(name, report.message));
      return;
    // What concerns the child's life is its incarnation's business.
    case 'started':
    case 'spawn-failed':
    case 'stopped':
    case 'exited':
    case 'flushed':
      return;
  }
}
