import { existsSync, rmSync } from 'node:fs';
import { type FileChange, readText, writeFiles } from '../write-files.ts';
import type { Client, Entry } from './catalogue.ts';
import { ClientText } from './client-text.ts';
import { type Gateway, leadsTo } from './gateway-entry.ts';
import { digest, type Receipt, type Receipts } from './receipts.ts';

export interface Written {
  readonly changed: boolean;
  /** The copy of the file as it was; null where there was none, or nothing to change. */
  readonly backup: string | null;
  /** The entries of other servers that ours took the place of. */
  readonly replaced: readonly string[];
}

/** A client's file, into which our entries go and out of which they come again. */
export class ClientFile {
  readonly #client: Client;
  readonly #file: string;
  readonly #receipts: Receipts;
  readonly #text: ClientText;

  constructor(client: Client, file: string, receipts: Receipts) {
    this.#client = client;
    this.#file = file;
    this.#receipts = receipts;
    this.#text = new ClientText(client, file);
  }

  write(
    gateway: Gateway,
    entries: readonly (readonly [string, Entry])[],
    prompt: boolean,
    now = new Date(),
  ): Written {
    const text = readText(this.#file);
    const after = this.#text.with(text ?? '', entries, prompt);
    if (after === text) return { changed: false, backup: null, replaced: [] };
    const before = this.#text.entries(text ?? '');
    const names = entries.map(([name]) => name);
    const replaced = names.filter((name) => {
      return Object.hasOwn(before, name) && !this.#isOurs(before[name], gateway, name);
    });
    const backup = text === null ? null : freeName(this.#file, now);
    const changes: FileChange[] = [{ path: this.#file, before: text, after }];
    // It may hold secrets that are no longer in the file itself.
    if (backup !== null) changes.unshift({ path: backup, before: null, after: text, mode: 0o600 });
    writeFiles(changes);
    this.#note(text, after, backup, { entries, replaced });
    return { changed: true, backup, replaced };
  }

  /** Takes our entries out, all or those of `asked`; returns the names of what it took. */
  remove(gateway: Gateway, asked: readonly string[] | null): string[] {
    const text = readText(this.#file);
    if (text === null) return [];
    const receipt = this.#receipts.get(this.#file);
    const entries = this.#text.entries(text);
    const names = Object.keys(entries).filter((name) => {
      return (asked?.includes(name) ?? true) && this.#isOurs(entries[name], gateway, name);
    });
    if (names.length === 0) return [];
    const rest = Object.entries(receipt?.entries ?? {}).filter(([name]) => {
      return Object.hasOwn(entries, name) && !names.includes(name);
    });
    const undone = rest.length === 0 ? this.#undone(text, receipt) : undefined;
    const after = undone === undefined ? this.#without(text, names, receipt) : undone;
    writeFiles([{ path: this.#file, before: text, after }]);
    if (undone !== undefined && receipt?.backup != null) rmSync(receipt.backup, { force: true });
    if (receipt !== null) {
      const left = {
        ...receipt,
        entries: Object.fromEntries(rest),
        after: digest(after ?? ''),
        exact: false,
      };
      this.#receipts.set(this.#file, rest.length === 0 ? null : left);
    }
    return names;
  }

  /** One that leads to this project, or is just as it was written, for a port that it has no more. */
  #isOurs(entry: unknown, gateway: Gateway, name: string): boolean {
    const noted = this.#receipts.get(this.#file)?.entries[name];
    return noted === digest(JSON.stringify(entry)) || leadsTo(entry, gateway, name);
  }

  /** What the file was before, where nobody has touched it since; undefined where that is not known. */
  #undone(text: string, receipt: Receipt | null): string | null | undefined {
    if (receipt === null || !receipt.exact || digest(text) !== receipt.after) return undefined;
    return receipt.backup === null ? null : (readText(receipt.backup) ?? undefined);
  }

  #without(text: string, names: readonly string[], receipt: Receipt | null): string | null {
    const original = receipt?.backup == null ? null : readText(receipt.backup);
    const prune = { key: receipt?.madeKey === true, inputs: receipt?.madeInputs === true };
    const after = names.reduce((all, name) => {
      return original !== null && receipt?.replaced.includes(name) === true
        ? this.#text.restored(all, name, original)
        : this.#text.without(all, name, prune);
    }, text);
    const isEmpty = Object.keys(this.#text.value(after) ?? {}).length === 0;
    const bare = /^\s*(?:\{\s*\})?\s*$/.test(after);
    return receipt !== null && receipt.backup === null && isEmpty && bare ? null : after;
  }

  #note(
    before: string | null,
    after: string,
    backup: string | null,
    written: {
      readonly entries: readonly (readonly [string, Entry])[];
      readonly replaced: readonly string[];
    },
  ): void {
    const last = this.#receipts.get(this.#file);
    const value = this.#text.value(before ?? '');
    const untouched = last !== null && last.after === digest(before ?? '');
    this.#receipts.set(this.#file, {
      entries: {
        ...last?.entries,
        ...Object.fromEntries(written.entries.map(([name, entry]) => [name, digest(JSON.stringify(entry))])),
      },
      replaced: [...new Set([...(last?.replaced ?? []), ...written.replaced])],
      after: digest(after),
      backup: last === null ? backup : last.backup,
      exact: last === null || (last.exact && untouched),
      madeKey: last?.madeKey ?? value?.[this.#client.key] === undefined,
      madeInputs: last?.madeInputs ?? value?.['inputs'] === undefined,
    });
  }
}

function freeName(file: string, now: Date): string {
  const stamp = now.toISOString().slice(0, 19).replaceAll(':', '-');
  for (let count = 1; ; count++) {
    const name = `${file}.${stamp}${count === 1 ? '' : `-${count}`}.bak`;
    if (!existsSync(name)) return name;
  }
}
