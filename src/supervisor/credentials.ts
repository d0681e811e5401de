import type { CredentialChange, CredentialCheck, Verdict } from '../model.ts';

/** It goes into a line of `status`, of the log and of a warning. */
const MAX_DETAIL = 300;

/** Credentials that are being asked about. */
export interface Trial {
  readonly check: CredentialCheck;
  /** They differ from those that are in use, so that the verdict decides whether they replace them. */
  readonly decides: boolean;
  readonly verdict: Promise<Verdict>;
  /** The verdict, once it is in. */
  known: Verdict | null;
  /** What it meant, once they were taken. */
  change: CredentialChange | undefined;
}

/** What is known of the credentials of one server. */
export class Credentials {
  /** As the service named them last; null: not known. */
  #scopes: readonly string[] | null;
  readonly #redact: (text: string) => string;

  /** `redact`: for what a service answers, since it may quote what it was sent. */
  constructor(scopes: readonly string[] | null, redact: (text: string) => string) {
    this.#scopes = scopes;
    this.#redact = redact;
  }

  get scopes(): readonly string[] | null {
    return this.#scopes;
  }

  /** Asks; null where there is nobody to ask. */
  try(check: CredentialCheck | null, changedKeys: readonly string[], signal: AbortSignal): Trial | null {
    if (check === null) return null;
    const decides = changedKeys.some((key) => check.variables.includes(key));
    const verdict = check.ask(signal).then((said) => redactVerdict(said, this.#redact));
    const trial: Trial = { check, decides, verdict, known: null, change: undefined };
    void verdict.then((said) => {
      trial.known = said;
    });
    return trial;
  }

  /** They are in use from now on. Returns what that means for who looks on. */
  take(verdict: Verdict): CredentialChange {
    const before = this.#scopes;
    this.#scopes = verdict.kind === 'accepted' ? verdict.scopes : null;
    const now = this.#scopes;
    if (before === null || now === null) return credentialChange(verdict, [], []);
    const gained = now.filter((scope) => !before.includes(scope));
    const lost = before.filter((scope) => !now.includes(scope));
    return credentialChange(verdict, gained, lost);
  }
}

/** What a service answers may quote what it was sent, and may be a page of it. */
export function redactVerdict(verdict: Verdict, redact: (text: string) => string): Verdict {
  return verdict.kind === 'accepted' ? verdict : { ...verdict, detail: brief(redact(verdict.detail)) };
}

/** Only what is redacted may be cut: half a secret is not known as one. */
function brief(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > MAX_DETAIL ? `${line.slice(0, MAX_DETAIL)}…` : line;
}

export function credentialChange(
  verdict: Verdict,
  gained: readonly string[],
  lost: readonly string[],
): CredentialChange {
  const detail = verdict.kind === 'accepted' ? null : verdict.detail;
  const parts = [
    detail === null ? verdict.kind : `${verdict.kind} (${detail})`,
    ...(gained.length === 0 ? [] : [`gained ${gained.join(', ')}`]),
    ...(lost.length === 0 ? [] : [`lost ${lost.join(', ')}`]),
  ];
  return { verdict: verdict.kind, detail, gained, lost, summary: `token rotated: ${parts.join(', ')}` };
}

/** What a verdict says, in one line. */
export function verdictText(verdict: Verdict): string {
  if (verdict.kind !== 'accepted') return `${verdict.kind}: ${verdict.detail}`;
  if (verdict.scopes === null) return 'accepted';
  return `accepted, with ${verdict.scopes.length === 0 ? 'no scopes' : verdict.scopes.join(', ')}`;
}
