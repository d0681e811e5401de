import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
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
  #nextLook: NodeJS.Immediate | null = null;
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
    if (this.#nextLook !== null) clearImmediate(this.#nextLook);
    await this.#watcher?.close();
  }

  /** Links may lead elsewhere after any change, so what is watched is worked out anew. */
  #follow(): void {
    const trails = [...this.#seen.keys()].flatMap(linkChain).map(trailOf);
    // Folders rather than files: chokidar may lose sight of a file that is removed and made again.
    const folders = [...new Set(trails.map((trail) => trail.at(-1) as string))];
    const known = new Set(trails.flat());
    const watched = [...folders, ...known].join('\0');
    if (watched === this.#watched) return;
    this.#watched = watched;
    const before = this.#watcher;
    this.#watcher = watch(folders, {
      ignoreInitial: true,
      followSymlinks: false,
      depth: 0,
      ignored: (path) => !known.has(path),
    });
    this.#watcher.on('all', () => this.#lookSoon());
    // It says nothing of what happens before it has begun.
    this.#watcher.on('ready', () => this.#lookSoon());
    this.#watcher.on('error', (error) => this.#events.onError(error));
    before?.close().catch((error: unknown) => this.#events.onError(error));
  }

  /** After chokidar has done with its event: a watcher that is closed in the middle of one leaves handles open. */
  #lookSoon(): void {
    this.#nextLook ??= setImmediate(() => {
      this.#nextLook = null;
      this.#follow();
      this.#look();
    });
  }

  /** Whether there is anything new; it is told of when it has been quiet for a while. */
  #look(): boolean {
    let news = false;
    for (const [path, before] of this.#seen) {
      const now = signature(path);
      if (now === before) continue;
      this.#seen.set(path, now);
      this.#changed.add(path);
      news = true;
    }
    if (news) {
      this.#follow();
      this.#wait();
    }
    return news;
  }

  #wait(): void {
    const now = Date.now();
    if (this.#firstChange === 0) this.#firstChange = now;
    clearTimeout(this.#quiet);
    const longest = this.#firstChange + MAX_WAIT_MS - now;
    this.#quiet = setTimeout(() => this.#tell(), Math.max(0, Math.min(QUIET_MS, longest)));
  }

  #tell(): void {
    // A save that no event has told of belongs to this change: chokidar leaves some out.
    if (this.#look()) return;
    const changed = [...this.#changed];
    this.#changed.clear();
    this.#firstChange = 0;
    this.#events.onChange(changed);
  }
}

/** A path and the folders above it, up to the nearest that exists. */
function trailOf(path: string): string[] {
  const folder = dirname(path);
  return existsSync(folder) || folder === dirname(folder) ? [path, folder] : [path, ...trailOf(folder)];
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
