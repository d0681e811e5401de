import { type FSWatcher, watch } from 'node:fs';

/** Changes come in bursts: they are one. */
const BURST_MS = 20;

/** Says that something may have happened in some folders. A hint only: who waits also looks by himself. */
export class FolderWatch {
  readonly #watchers = new Map<string, FSWatcher>();
  #changed = false;
  #wake: () => void = () => {};

  /** Watches these folders too; one that is missing is tried again the next time. */
  add(folders: Iterable<string>): void {
    for (const folder of folders) if (!this.#watchers.has(folder)) this.#watch(folder);
  }

  /** Resolves soon after a change since the last call, at the latest after `timeoutMs`, or at the abort. */
  async wait(timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const settle = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', settle);
        resolve();
      };
      let timer = setTimeout(settle, this.#changed ? BURST_MS : timeoutMs);
      this.#wake = () => {
        if (this.#changed) return;
        clearTimeout(timer);
        timer = setTimeout(settle, BURST_MS);
      };
      signal.addEventListener('abort', settle, { once: true });
    });
    this.#wake = () => {};
    this.#changed = false;
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #watch(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => {
        this.#wake();
        this.#changed = true;
      });
      watcher.on('error', () => this.#forget(folder));
      this.#watchers.set(folder, watcher);
    } catch {
      // Not there yet, or no watches left.
    }
  }

  #forget(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }
}
