import type { Warning } from '../../../src/model.ts';
import type { WebhookTarget } from '../../../src/webhook/target.ts';
import { Webhook, type WebhookOptions } from '../../../src/webhook/webhook.ts';
import type { Receiver } from '../../support/receiver.ts';
import { row } from '../../unit/webhook/rows.ts';

/** The rows of a project and their webhook, as the supervisor has them; `restart` makes the next one's. */
export class Posting {
  readonly rows = new Map<string, Warning>();
  readonly logged: string[] = [];
  /** What `problem` has been, by its message. */
  readonly problems: (string | null)[] = [];
  saved: readonly string[] = [];
  webhook: Webhook;
  readonly #more: Partial<WebhookOptions>;

  constructor(more: Partial<WebhookOptions> = {}) {
    this.#more = more;
    this.webhook = this.#make(null);
  }

  raise(name: string, given: Partial<Warning> = {}): void {
    const raised = row(name, given);
    this.rows.set(raised.id, raised);
    this.webhook.raised(raised);
  }

  resolve(name: string): void {
    const resolved: Warning = { ...row(name), ...this.rows.get(name), state: 'resolved' };
    this.rows.set(name, resolved);
    this.webhook.resolved(resolved);
  }

  /** The supervisor is killed, and the next one has what is on disk. */
  restart(): void {
    this.webhook.close();
    this.webhook = this.#make(this.webhook.problem);
  }

  #make(problem: WebhookOptions['problem']): Webhook {
    return new Webhook({
      project: 'shop',
      redact: (text) => text,
      rows: () => [...this.rows.values()],
      known: this.saved,
      saveKnown: (known) => {
        this.saved = known;
      },
      problem,
      onProblem: () => this.problems.push(this.webhook.problem?.message ?? null),
      log: (line) => this.logged.push(line),
      pauses: { firstMs: 20, maxMs: 80 },
      ...this.#more,
    });
  }
}

export function targetOf({ origin }: Receiver, given: Partial<WebhookTarget> = {}): WebhookTarget {
  return { url: `${origin}/hook`, headers: {}, minSeverity: 'warning', timeoutMs: 300_000, ...given };
}
