import type { Lane } from '../gateway/lane.ts';
import type { Generation as GenerationNumber, ServerName } from '../model.ts';
import type { AnswerWatch } from './answer-watch.ts';
import { verdictText } from './credentials.ts';
import { crashLoop, logFailed, oversizeLine, stdoutNoise } from './findings.ts';
import type { Logger } from './logger.ts';
import type { RuleWatch } from './rule-watch.ts';
import type { RunnerReport } from './runner-port.ts';
import type { ServerEvents } from './server.ts';
import type { WarningDesk } from './warning-desk.ts';
import type { Wish } from './wish.ts';

export interface Wiring {
  readonly name: ServerName;
  /** What the supervisor's log calls it. */
  readonly title: string;
  readonly lane: Lane;
  readonly watch: RuleWatch;
  readonly answers: AnswerWatch;
  readonly desk: WarningDesk;
  readonly log: Logger;
  readonly onChange: () => void;
}

/** Wires the server of one lane to what clients see of it, to warnings and to the supervisor's log. */
export function serverEvents({
  name,
  title,
  lane,
  watch,
  answers,
  desk,
  log,
  onChange,
}: Wiring): ServerEvents {
  return {
    onChange,
    onReload: ({ reason, changedKeys, outcome, durationMs, credentials }) => {
      const keys = changedKeys.length === 0 ? '' : ` (${changedKeys.join(', ')})`;
      log.info(`${title}: ${reason}${keys}: ${outcome} after ${durationMs} ms`);
      if (credentials !== undefined) log.info(`${title}: ${credentials.summary}`);
    },
    onKept: (generation, drafts) => {
      for (const draft of drafts) desk.raise(name, generation, draft);
    },
    onReverted: () => desk.over(name, 'reload.failed', 'token.rejected'),
    onVerdict: (generation, check, verdict) => {
      log.info(`${title}: ${check.title}: ${verdictText(verdict)}`);
      if (verdict.kind === 'accepted') desk.over(name, 'token.rejected');
      for (const draft of check.findings(verdict)) desk.found(name, generation, draft);
    },
    onCrash: (generation, reason) => log.warn(`${title}: generation ${generation} crashed: ${reason}`),
    onGivenUp: (generation, reason) => {
      desk.raise(name, generation, crashLoop(name, reason));
      lane.unavailable(givenUp(name, reason));
    },
    onLaunch: () => lane.expect(),
    onRetire: (wish) => lane.unavailable(unavailability(name, wish)),
    onHold: () => lane.hold(),
    drained: async ({ current }, limitMs) => {
      if (current !== null) await lane.drained(current, limitMs);
    },
    onServing: ({ number, current }) => {
      if (current !== null) lane.serve(current);
      log.info(`${title}: generation ${number} is ready`);
    },
    forGeneration: (generation) => ({
      onAnswer: (line, answer) => lane.onAnswer(line, answer, answers.inspector(generation)),
      onMessage: (child, message, text) =>
        lane.onMessage(child, message, text, answers.inspector(generation)),
      onEnd: (child, end) => lane.lost(child, end.kind === 'lost' ? 'was cut off' : end.reason),
      onReport: (report) => note(name, generation, report, desk, watch),
    }),
  };
}

export function givenUp(name: ServerName, reason: string): string {
  return `${name} was given up: ${reason}`;
}

function unavailability(name: ServerName, wish: Exclude<Wish, { kind: 'run' }>): string {
  return wish.kind === 'blocked' ? wish.server.blocked[0].message : `${name} is stopped`;
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
