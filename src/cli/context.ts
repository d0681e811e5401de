import type { Readable, Writable } from 'node:stream';
import type { Finding } from '../doctor/finding.ts';
import type { LogFile } from '../logs/query.ts';
import type { SentryOverrides, Step, ToolAccess, Verdict, WarningDraft } from '../model.ts';
import type { AdminClient } from '../supervisor/admin/client.ts';

/** What the verbs need of the world; `bin` wires it. */
export interface CliContext {
  readonly env: Readonly<Record<string, string>>;
  /** Results. */
  readonly out: Terminal;
  /** Everything else: progress, notices, errors. */
  readonly err: Terminal;
  /** Aborts at Ctrl-C, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal;
  stdin(): Readable;
  /** stdin and stdout as they are, for a verb that is a server to its caller. */
  stdio(): { readonly input: Readable; readonly output: Writable };
  /** Tells the service manager that started us, if one did, in the words of sd_notify. Never rejects. */
  notify(...assignments: readonly string[]): Promise<void>;
  /** Runs a program in our place: with our stdio, signals and end. `env` is all of its environment. */
  runCommand(
    program: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ): Promise<number>;
  openProject(config: string | undefined): ProjectAccess;
  /** Where the user is. */
  readonly cwd: string;
  readonly home: string;
  /** The command line that starts this very program, from any folder. */
  readonly self: { readonly command: string; readonly args: readonly string[] };
}

export interface Terminal {
  readonly isTty: boolean;
  /** How wide it is, where it is a terminal. */
  readonly columns?: number | undefined;
  write(text: string): void;
}

export interface Endpoints {
  readonly servers: readonly { readonly name: string; readonly url: string }[];
  /** Whether the gateway asks for the token. */
  readonly auth: boolean;
}

/** One project, as the verbs see it. */
export interface ProjectAccess {
  readonly admin: AdminClient;
  readonly configFile: string;
  /** Starts the supervisor where none answers; resolves once one does. True when it was started here. */
  bringUp(): Promise<boolean>;
  /** The same where it was lost with pm2's daemon, and not stopped. True when it was started here. */
  bringBack(): Promise<boolean>;
  /**
   * Stops everything of this project, whatever state it is in. Returns what did not go the usual way.
   * An abort ends the waiting for another `up` or `down`; without a signal nothing does but time.
   */
  tearDown(signal?: AbortSignal): Promise<readonly string[]>;
  /** What `up` would do while no supervisor runs. */
  planCold(servers: readonly string[] | null, sentryOverrides: SentryOverrides): Promise<readonly Step[]>;
  /** Throws `usage.invalid` where the config could not have them either. */
  checkSentryOverrides(given: SentryOverrides): Promise<SentryOverrides>;
  /** What the env files export, or what a server is given of them; secrets. */
  readEnv(server: string | null): Promise<EnvAccess>;
  /** Looks for what is wrong around the project; with `fix` it mends what is safe to mend. */
  examine(fix: boolean): Promise<readonly Finding[]>;
  /** Asks about the servers' credentials (null: of all); `instead` of the value that a variable has. */
  checkCredentials(
    servers: readonly string[] | null,
    instead: TokenToTry | null,
  ): Promise<readonly CredentialReport[]>;
  /** What the gateway lets clients in with; null: it asks for nothing. */
  token(): string | null;
  /** The servers that run and those that the text of the config names, which is not run; quick. */
  serverNames(): Promise<readonly string[]>;
  /** The servers of the config and where clients reach them, whether they run or not. */
  endpoints(): Promise<Endpoints>;
  /** A file in the project's private folder, which is made where it is missing. */
  privateFile(name: string): string;
  /** The log files there are, the supervisor's own included. */
  logFiles(): readonly LogFile[];
}

export interface EnvAccess {
  readonly values: Readonly<Record<string, string>>;
  /** What is odd about the files, though they can be used. */
  readonly notes: readonly string[];
}

/** A token that is in no env file yet. */
export interface TokenToTry {
  /** Where it would stand. */
  readonly variable: string;
  readonly value: string;
}

/** A row of `check --json`, without `ok`. */
export interface CredentialReport {
  readonly server: string;
  /** What was asked about; null where nobody was asked. */
  readonly title: string | null;
  readonly verdict: Verdict | null;
  readonly tools: readonly ToolAccess[];
  /** What is wrong, the server's settings included. */
  readonly findings: readonly WarningDraft[];
}

export interface CommonOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/** A verb returns its exit code; errors are thrown, and rendered in one place. */
export type Verb<Options extends CommonOptions = CommonOptions> = (
  context: CliContext,
  names: readonly string[],
  options: Options,
) => Promise<number>;

/** The exit code of a verb that Ctrl-C ended, as shells have it. */
export const INTERRUPTED = 130;

/** null stands for all servers. */
export function asked(names: readonly string[]): readonly string[] | null {
  return names.length === 0 ? null : names;
}
