import type { Template } from '../clients/references.ts';
import { envLine, envPieces } from '../config/env-line.ts';

/** What moves to the env file: names for values, none of which changes what another name means. */
export class SecretStore {
  readonly #values: Map<string, string>;
  readonly #moved = new Map<string, string>();
  readonly #reserved: ReadonlySet<string>;

  /** `existing` is what the env file has; `reserved` are names that somebody expects in the environment. */
  constructor(existing: Readonly<Record<string, string>>, reserved: Iterable<string>) {
    this.#values = new Map(Object.entries(existing));
    this.#reserved = new Set(reserved);
  }

  /** The names that are new in the env file. */
  get moved(): readonly string[] {
    return [...this.#moved.keys()];
  }

  /** All values that it knows, to keep them out of outputs. */
  get values(): readonly string[] {
    return [...this.#values.values()];
  }

  /** The lines to add to the env file. */
  get lines(): readonly string[] {
    return [...this.#moved].map(([name, value]) => envLine(name, value) ?? '');
  }

  /** Keeps `value` as `name`, or `name_2` where that is taken, and says what to write in its place. */
  move(name: string, value: string): Template {
    return envPieces(name, value).map((piece) => ({ kind: 'variable', name: this.#place(name, piece) }));
  }

  #place(wanted: string, value: string): string {
    for (let count = 1; ; count++) {
      const name = count === 1 ? wanted : `${wanted}_${count}`;
      if (this.#values.get(name) === value) return name;
      if (this.#values.has(name) || this.#reserved.has(name)) continue;
      this.#values.set(name, value);
      this.#moved.set(name, value);
      return name;
    }
  }
}
