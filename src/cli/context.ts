import type { Readable, Writable } from 'node:stream';
import type { Finding } from '../doctor/finding.ts';
import type { LogFile } from '../logs/query.ts';
import type { Step, ToolAccess, Verdict, WarningDraft } from '../model.ts';
import type { AdminClient } from '../supervisor/admin/client.ts';

/** What the verbs need of the world; `bin` wires it. */
export interface CliContext {
  readonly env: Readonly<Record<string, string>>;
  /** Results. */
  readonly out: Terminal;
  /** Everything else: progress, notices, errors. */
  readonly err: Terminal;
  /** Aborts at Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  stdin(): Readable;
  /** stdin and stdout as they are, for a verb that is a server to its caller. */
  stdio(): { readonly input: Readable; readonly output: Writable };
  openProject(config: string | undefined): ProjectAccess;
}

export interface Terminal {
  readonly isTty: boolean;
  write(text: string): void;
}

/** One project, as the verbs see it. */
export interface ProjectAccess {
  readonly admin: AdminClient;
  readonly configFile: string;
  /** Starts the supervisor where none answers; resolves once one does. True when it was started here. */
  bringUp(): Promise<boolean>;
  /** Stops everything of this project, whatever state it is in. Returns what did not go the usual way. */
  tearDown(): Promise<readonly string[]>;
  /** What `up` would do while no supervisor runs. */
  planCold(servers: readonly string[] | null): Promise<readonly Step[]>;
  /** Looks for what is wrong around the project; with `fix` it mends what is safe to mend. */
  examine(fix: boolean): Promise<readonly Finding[]>;
  /** Asks about the servers' credentials (null: of all); `instead` of the value that a variable has. */
  checkCredentials(
    servers: readonly string[] | null,
    instead: TokenToTry | null,
  ): Promise<readonly CredentialReport[]>;
  /** What the gateway lets clients in with; null: it asks for nothing. */
  token(): string | null;
  /** The log files there are, the supervisor's own included. */
  logFiles(): readonly LogFile[];
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

/** null stands for all servers. */
export function asked(names: readonly string[]): readonly string[] | null {
  return names.length === 0 ? null : names;
}
