import type { FailedCall, ToolCall, WarningDraft } from '../model.ts';

/** What is known of how the tools of a server fail. */
export interface AnswerReading {
  /** Whether clients are told what was found, beside the answer itself. */
  readonly annotate: boolean;
  /** What a failed call tells; mostly nothing. `scopes`: those of the credentials, as granted; null: not known. */
  readonly findings: (call: FailedCall, scopes: Iterable<string> | null) => readonly WarningDraft[];
  /** The tool that a call is for, which may be inside another one; null: not known any more. */
  readonly toolOf: (call: ToolCall) => string | null;
  /** Codes of findings about a tool, their subject, that are over once it works. */
  readonly overWhenItWorks: readonly string[];
}
