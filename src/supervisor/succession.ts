import type { CredentialChange, ServerName, WarningDraft } from '../model.ts';
import { credentialChange, type Trial } from './credentials.ts';
import { keptForRejection, reloadFailed } from './findings.ts';
import type { Generation } from './generation.ts';
import type { Target } from './wish.ts';

/** A generation, and what it was started from. */
export interface Running {
  readonly generation: Generation;
  readonly target: Target;
}

/** Why a new generation does not take over. */
export interface Refusal {
  readonly problem: string;
  readonly findings: readonly WarningDraft[];
  /** The same settings are not tried again at every change of something else: that takes an `up` or a `restart`. */
  readonly final: boolean;
  readonly credentials: CredentialChange | undefined;
}

export function isReady({ generation }: Running): boolean {
  return generation.state.kind === 'ready';
}

export function notReady(server: ServerName, { generation: { state } }: Running): Refusal {
  const problem = state.kind === 'crashed' ? state.reason : 'it did not become ready';
  return { problem, findings: [reloadFailed(server, problem)], final: true, credentials: undefined };
}

/** Credentials that are rejected are of no use to a server, and may be good at the next save. Null: nothing against them. */
export async function refusalOf(trial: Trial | null): Promise<Refusal | null> {
  if (trial?.decides !== true) return null;
  const verdict = await trial.verdict;
  if (verdict.kind !== 'rejected') return null;
  return {
    problem: `the new token is rejected: ${verdict.detail}`,
    findings: trial.check.findings(verdict).map(keptForRejection),
    final: false,
    credentials: credentialChange(verdict, [], []),
  };
}

/** Resolves as soon as it is settled that it does not take over, with the reason; or with null once it is ready. */
export function tried(
  next: Running,
  refusal: Promise<Refusal | null>,
  signal: AbortSignal,
): Promise<Refusal | null> {
  return Promise.race([
    settledOrInterrupted(next, signal).then(() => null),
    new Promise<Refusal>((resolve) => {
      void refusal.then((refused) => {
        if (refused !== null) resolve(refused);
      });
    }),
  ]);
}

export async function settledOrInterrupted({ generation }: Running, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    void generation.settled.then(resolve);
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
