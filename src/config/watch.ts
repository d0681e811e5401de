import { statSync } from 'node:fs';
import { type FSWatcher, watch } from 'chokidar';
import { hasCode } from '../errors.ts';
import { linkChain } from './link-chain.ts';

/** Several saves in a row are one change: an editor's rename, a formatter, a truncated-first save. */
const QUIET_MS = 80;
const MAX_WAIT_MS = 1_000;
/** A missed event costs so much time, and no more: events are the hint, a look at the files the truth. */
const LOOK_MS = 1_000;

export interface WatchEvents {
  onChange(changed: readonly string[]): void;
  onError(error: unknown): void;
}

/** Watches single files, through symlinks, whether they exist or not. */
export class FileWatch {
  readonly #events: WatchEvents;
  readonly #looking: NodeJS.Timeout;
  #watcher: FSWatcher | null = null;
  #watched = '';
  /** What each file looked like when it was last seen. */
  #seen = new Map<string, string>();
  readonly #changed = new Set<string>();
  #quiet: NodeJS.Timeout | undefined;
  #firstChange = 0;

  constructor(paths: readonly string[], events: WatchEvents) {
    this.#events = events;
    this.update(paths);
    this.#looking = setInterval(() => this.#look(), LOOK_MS);
  }

  /** Watches these files from now on. */
  update(paths: readonly string[]): void {
    this.#seen = new Map(paths.map((path) => [path, this.#seen.get(path) ?? signature(path)]));
    this.#follow();
  }

  async close(): Promise<void> {
    clearInterval(this.#looking);
    clearTimeout(this.#quiet);
    await this.#watcher?.close();
  }

  /** Links may lead elsewhere after any change, so what is watched is worked out anew. */
  #follow(): void {
    const entries = [...new Set([...this.#seen.keys()].flatMap(linkChain))].sort();
    if (entries.join('\0') === this.#watched) return;
    this.#watched = entries.join('\0');
    const before = this.#watcher;
    this.#watcher = watch(entries, { ignoreInitial: true, followSymlinks: false, depth: 0 });
    this.#watcher.on('all', () => this.#look());
    this.#watcher.on('error', (error) => this.#events.onError(error));
    before?.close().catch((error: unknown) => this.#events.onError(error));
  }

  #look(): void {
    let news = false;
    for (const [path, before] of this.#seen) {
      const now = signature(path);
      if (now === before) continue;
      this.#seen.set(path, now);
      this.#changed.add(path);
      news = true;
    }
    if (!news) return;
    this.#follow();
    this.#wait();
  }

  #wait(): void {
    const now = Date.now();
    if (this.#firstChange === 0) this.#firstChange = now;
    clearTimeout(this.#quiet);
    const longest = this.#firstChange + MAX_WAIT_MS - now;
    this.#quiet = setTimeout(() => this.#tell(), Math.max(0, Math.min(QUIET_MS, longest)));
  }

  #tell(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    this.#firstChange = 0;
    this.#events.onChange(changed);
  }
}

/** Changes whenever the file does: also by a rename, and by a second save in the same millisecond. */
function signature(path: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join();
  } catch (error) {
    return hasCode(error, 'ENOENT', 'ENOTDIR') ? 'missing' : 'unreadable';
  }
}
