import { createRedactor, type Redactor } from '../logs/redact.ts';

/** Every secret value that this supervisor has seen: a rotated one must not show either. */
export class Secrets {
  readonly #values = new Set<string>();
  #redactor: Redactor = createRedactor([]);

  add(values: Iterable<string>): void {
    const before = this.#values.size;
    for (const value of values) this.#values.add(value);
    if (this.#values.size !== before) this.#redactor = createRedactor(this.#values);
  }

  get values(): readonly string[] {
    return [...this.#values];
  }

  redact(text: string): string {
    return this.#redactor(text);
  }
}
