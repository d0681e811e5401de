import { interpolate } from '../config/interpolate.ts';
import type { ServerName, WarningDraft } from '../model.ts';

export type Lookup = (name: string) => string | undefined;

/** Fills `${VAR}`s in the texts of one server, and remembers what it used and what it lacked. */
export class VariableFill {
  readonly #lookup: Lookup;
  readonly #used = new Map<string, string>();
  readonly #missing = new Set<string>();

  constructor(lookup: Lookup) {
    this.#lookup = lookup;
  }

  /** The values that went in, by name. */
  get used(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#used);
  }

  get missing(): readonly string[] {
    return [...this.#missing];
  }

  text(text: string): string {
    const { value, used, missing } = interpolate(text, this.#lookup);
    for (const name of used) this.#used.set(name, this.#lookup(name) ?? '');
    for (const name of missing) this.#missing.add(name);
    return value;
  }

  texts(texts: readonly string[]): string[] {
    return texts.map((text) => this.text(text));
  }

  record(record: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, this.text(value)]));
  }
}

/** One finding for each variable that a server needs and nobody gives. */
export function missingVariables(
  server: ServerName,
  names: readonly string[],
  envFile: string,
): WarningDraft[] {
  return names.map((name) => ({
    code: 'env.variable-missing',
    severity: 'error',
    subject: name,
    message: `${server} needs the variable ${name}, which is neither in an env file nor in the environment of \`up\`.`,
    hint: `Add ${name}=… to ${envFile}, or give it a default in the config: \${${name}:-value}.`,
  }));
}
