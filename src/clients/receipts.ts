import { createHash } from 'node:crypto';
import { readText, writeFiles } from '../write-files.ts';

/**
 * What `client-config --write` did to one file, so that `--remove` can undo it to the byte. It holds no text of
 * the file: that is in the backup beside it.
 */
export interface Receipt {
  /** What was written: by name, the SHA-256 of the entry. */
  readonly entries: Readonly<Record<string, string>>;
  /** Those names that took the place of an entry. */
  readonly replaced: readonly string[];
  /** SHA-256 of the file as it was left. */
  readonly after: string;
  /** The file before all of it: its backup, or null where there was none. */
  readonly backup: string | null;
  /** Whether the backup is all that the file held besides what was written: nobody else wrote in between. */
  readonly exact: boolean;
  /** What was made on the way, and goes again once it is empty. */
  readonly madeKey: boolean;
  readonly madeInputs: boolean;
}

/** The receipts of a project, in a file of its state; by the path of the client's file. */
export class Receipts {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  get(file: string): Receipt | null {
    return this.#all()[file] ?? null;
  }

  set(file: string, receipt: Receipt | null): void {
    const { [file]: _, ...others } = this.#all();
    const all = receipt === null ? others : { ...others, [file]: receipt };
    const after = `${JSON.stringify(all, null, 2)}\n`;
    writeFiles([{ path: this.#path, before: readText(this.#path), after, mode: 0o600 }]);
  }

  /** A damaged file costs exactness only. */
  #all(): Readonly<Record<string, Receipt>> {
    try {
      return JSON.parse(readText(this.#path) ?? '{}') as Record<string, Receipt>;
    } catch {
      return {};
    }
  }
}

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
