import type { AnswerInspector } from '../gateway/answer-inspector.ts';
import type { FailedCall, Generation, ServerName, ToolCall } from '../model.ts';
import type { AnswerReading } from '../servers/answer-reading.ts';
import type { WarningDesk } from './warning-desk.ts';

export interface AnswerWatchOptions {
  readonly server: ServerName;
  readonly desk: WarningDesk;
  /** How the config has it now; null: nothing is known of such a server. */
  readonly reading: () => AnswerReading | null;
  /** The scopes of the credentials that the server is given, as granted; null: not known. */
  readonly scopes: () => Iterable<string> | null;
}

/** Turns what goes wrong with a server's tools into warnings, and into a word for the client. */
export class AnswerWatch {
  readonly #options: AnswerWatchOptions;
  /** Subjects of warnings that may be over: a call that works looks no further where there are none. */
  readonly #open: Set<string>;

  constructor(options: AnswerWatchOptions) {
    this.#options = options;
    const { server, desk } = options;
    const rows = desk.active().filter((row) => row.server === server && row.generation !== null);
    this.#open = new Set(rows.map(({ subject }) => subject));
  }

  /** For the answers of one generation. */
  inspector(generation: Generation): AnswerInspector | null {
    const reading = this.#options.reading();
    if (reading === null) return null;
    return {
      failed: (call) => this.#failed(generation, reading, call),
      worked: (call) => this.#worked(reading, call),
    };
  }

  #failed(generation: Generation, reading: AnswerReading, call: FailedCall): string | null {
    const { server, desk, scopes } = this.#options;
    const found = reading.findings(call, scopes()).map((draft) => desk.confirm(server, generation, draft));
    for (const { subject } of found) this.#open.add(subject);
    if (found.length === 0 || !reading.annotate) return null;
    return found.map(({ code, message, hint }) => `mcp-supervisor: ${code}: ${message} ${hint}`).join('\n');
  }

  #worked(reading: AnswerReading, call: ToolCall): void {
    if (this.#open.size === 0) return;
    const tool = reading.toolOf(call);
    if (tool === null || !this.#open.delete(tool)) return;
    const { server, desk } = this.#options;
    desk.disproved(server, tool, reading.overWhenItWorks);
  }
}
