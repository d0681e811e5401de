import type { BlockedServer, CredentialCheck, Generation, ReplaceMode } from '../model.ts';
import type { Imprint } from '../plan/fingerprint.ts';
import type { GenerationOptions } from './generation.ts';

/** What a server shall run. */
export interface Target {
  readonly imprint: Imprint;
  readonly replace: ReplaceMode;
  /** How long calls in flight may take to finish on a generation that is replaced. */
  readonly drainMs: number;
  readonly options: (generation: Generation) => GenerationOptions;
  /** null: nobody is asked whether its credentials are any good. */
  readonly check: CredentialCheck | null;
}

/** Why a server is started or replaced. Key names only, never values. */
export interface Cause {
  readonly reason: string;
  readonly changedKeys: readonly string[];
}

export type Wish =
  /** `force`: also where it runs already, or was given up. */
  | { readonly kind: 'run'; readonly target: Target; readonly force: boolean; readonly cause: Cause }
  | { readonly kind: 'blocked'; readonly server: BlockedServer }
  | { readonly kind: 'stopped' };

/** A wish for what is being tried already: it goes on. */
export function isSameAttempt(now: Wish, next: Wish): boolean {
  if (now.kind !== 'run' || next.kind !== 'run' || next.force) return false;
  return now.target.imprint.fingerprint === next.target.imprint.fingerprint;
}
