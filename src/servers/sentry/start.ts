import { valid } from 'semver';
import { locatePackage } from '../locate.ts';
import { type CommandLine, parseNpx, resolveNpx } from '../npx.ts';
import { type Dialect, dialectFromHelp, dialectOf } from './dialect.ts';
import type { SentryStart } from './launch.ts';
import { SENTRY_DEFAULT_VERSION, SENTRY_PACKAGE, type SentryOptions } from './options.ts';
import { readHelp } from './probe.ts';

/** npx may have to download the package before it can answer. */
const PROBE_TIMEOUT_MS = 20_000;

/** Where the Sentry server of a project comes from, and which flags it takes. */
export class SentryStarts {
  readonly #project: {
    readonly dir: string;
    readonly execPath: string;
    readonly env: Readonly<Record<string, string>>;
  };
  /** By command line, so that a reload does not ask again. Failures are not kept. */
  readonly #dialects = new Map<string, Dialect>();

  /** `env` is the safe base, for the process that is asked for its `--help`. */
  constructor(dir: string, execPath: string, env: Readonly<Record<string, string>>) {
    this.#project = { dir, execPath, env };
  }

  /** The configured command; else the project's own package; else npx with the version that is wanted. */
  async resolve(options: SentryOptions, signal?: AbortSignal): Promise<SentryStart> {
    if (options.command !== undefined) {
      const start = { command: options.command, args: options.args ?? [] };
      return this.#known(start, valid(options.version) ?? npxVersion(start), options, signal);
    }
    const installed = await this.#installed(options);
    if (installed !== null) return installed;
    const spec = options.version ?? SENTRY_DEFAULT_VERSION;
    const start = { command: 'npx', args: ['-y', `${SENTRY_PACKAGE}@${spec}`, ...(options.args ?? [])] };
    return this.#known(start, valid(spec), options, signal);
  }

  async #installed({ version: spec, args = [] }: SentryOptions): Promise<SentryStart | null> {
    const installed = await locatePackage(SENTRY_PACKAGE, this.#project.dir);
    if (installed === null) return null;
    const call = { packageName: SENTRY_PACKAGE, ...(spec === undefined ? {} : { spec }), args };
    const start = resolveNpx(call, installed, this.#project.execPath);
    const { version } = installed;
    return start === null ? null : { ...start, version, dialect: dialectOf(version) };
  }

  async #known(
    start: CommandLine,
    version: string | null,
    options: SentryOptions,
    signal: AbortSignal | undefined,
  ): Promise<SentryStart> {
    const dialect = version === null ? await this.#probe(start, options, signal) : dialectOf(version);
    return { ...start, version, dialect };
  }

  async #probe(
    start: CommandLine,
    options: SentryOptions,
    signal: AbortSignal | undefined,
  ): Promise<Dialect | null> {
    const { dir, env } = this.#project;
    const cwd = options.cwd ?? dir;
    const key = JSON.stringify([start.command, start.args, cwd]);
    const known = this.#dialects.get(key);
    if (known !== undefined) return known;
    const help = await readHelp(start, { cwd, env, timeoutMs: PROBE_TIMEOUT_MS, signal });
    signal?.throwIfAborted();
    const dialect = help === null ? null : dialectFromHelp(help);
    if (dialect !== null) this.#dialects.set(key, dialect);
    return dialect;
  }
}

/** The version that an npx command line of the user's own names, so that it need not be asked for. */
function npxVersion({ command, args }: CommandLine): string | null {
  const call = command === 'npx' ? parseNpx(args) : null;
  return call?.packageName === SENTRY_PACKAGE ? valid(call.spec) : null;
}
