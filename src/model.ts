/**
 * The words that every folder shares. Types only: no behaviour, no I/O.
 *
 * Units are in the names (`Ms`, `Bytes`); times are ISO 8601 strings where people or files see them.
 */

/** A key of `servers` in the config: `[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}`. */
export type ServerName = string;

/** Counts the specs that a server has been started with; a pm2 restart stays in its generation. */
export type Generation = number;

/** Keyed hash of what a server is launched with: comparable, and of no use to a thief. */
export type Fingerprint = string;

/** What a runner spawns. Secrets live here, so it travels over the 0600 socket only. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the child. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** How long a child gets after stdin EOF, and again after SIGTERM, before the next rung. */
export interface StopLadder {
  readonly eofMs: number;
  readonly termMs: number;
}

/** When a child that exits by itself is started again. */
export interface RestartPolicy {
  /** Crashes in a row, each sooner than `minUptimeMs` after its start, before giving up. */
  readonly maxRestarts: number;
  readonly minUptimeMs: number;
  /** The first pause; it doubles with every crash in a row, up to `maxBackoffMs`. */
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
}

export type ReplaceMode = 'overlap' | 'exclusive';

/** Whether all sessions share a child, or each has its own. */
export type Sharing = 'shared' | 'per-session';

/** How a server is treated; changing it restarts nothing. */
export interface ServerPolicy {
  readonly replace: ReplaceMode;
  readonly sharing: Sharing;
  /** How many sessions may have a child of their own at a time. */
  readonly maxSessionChildren: number;
  /** How long calls in flight may take to finish on a generation that is replaced. */
  readonly drainMs: number;
  readonly startTimeoutMs: number;
  readonly restart: RestartPolicy;
  /** Resident memory of the child's process group above which it is replaced. */
  readonly maxMemoryBytes?: number;
  readonly logRules: readonly LogRule[];
}

/** What the service behind a server says of the credentials that the server is given. */
export type Verdict =
  /** `scopes`: as granted, not expanded; null: it does not say which. */
  | { readonly kind: 'accepted'; readonly scopes: readonly string[] | null }
  | { readonly kind: 'rejected'; readonly detail: string }
  /** Nobody could be asked, or the answer does not tell. */
  | { readonly kind: 'unknown'; readonly detail: string };

/** How a tool of a server fares with its credentials. */
export interface ToolAccess {
  readonly tool: string;
  readonly scopes: readonly string[];
  /** `off`: not offered, whatever the credentials are. */
  readonly access: 'works' | 'lacks-scope' | 'off' | 'unknown';
  /** Null where it works. */
  readonly reason: string | null;
}

/** A question about the credentials of a server, asked beside each start with new settings. */
export interface CredentialCheck {
  /** What is asked about, without the secret: `user token for sentry.io`. */
  readonly title: string;
  /** The variables that it is made of: a replacement for which one of them changed waits for the verdict. */
  readonly variables: readonly string[];
  /** Those of them that may hold the token itself; a host is none. */
  readonly tokenVariables: readonly string[];
  /** Never rejects; has a time limit of its own. */
  readonly ask: (signal: AbortSignal) => Promise<Verdict>;
  /** What is wrong then, for the user. */
  readonly findings: (verdict: Verdict) => readonly WarningDraft[];
  /** [] where nothing is known of the server's tools. */
  readonly tools: (verdict: Verdict) => readonly ToolAccess[];
}

/** A server that can be started. */
export interface ServerSpec {
  readonly name: ServerName;
  readonly launch: Launch;
  readonly stop: StopLadder;
  readonly policy: ServerPolicy;
  /** The variables it was built from, by name: secrets. A missing optional one is not in here. */
  readonly variables: Readonly<Record<string, string>>;
  /** What is wrong with it although it can run. */
  readonly warnings: readonly WarningDraft[];
  /** null: nobody is asked. */
  readonly check: CredentialCheck | null;
}

/** A server that lacks something only its user can give; the first warning says what. */
export interface BlockedServer {
  readonly name: ServerName;
  readonly blocked: readonly [WarningDraft, ...WarningDraft[]];
}

export type WantedServer = ServerSpec | BlockedServer;

/** One step of a reconcile. `keep` is listed so that a plan can be shown whole. */
export type Step =
  | { readonly kind: 'start'; readonly name: ServerName }
  | { readonly kind: 'replace'; readonly name: ServerName; readonly changedKeys: readonly string[] }
  | { readonly kind: 'stop'; readonly name: ServerName; readonly why: 'removed' | 'blocked' }
  | { readonly kind: 'keep'; readonly name: ServerName };

export type Severity = 'info' | 'warning' | 'error';

/** A finding, before the store gives it an identity and a history. */
export interface WarningDraft {
  /** Dotted, as in `scope.flag-missing`; users' `logRules` choose their own. */
  readonly code: string;
  readonly severity: Severity;
  /** What it is about within its server, so that one cause is one row: a variable, a scope, ''. */
  readonly subject: string;
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
}

/** One row per cause. */
export interface Warning extends WarningDraft {
  readonly id: string;
  /** null: about the project, not about one server. */
  readonly server: ServerName | null;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly count: number;
  readonly generation: Generation | null;
  readonly state: 'active' | 'resolved';
  /** Where the code is explained, as `docs/warnings.md#<code>` in this package; null: a user's own code. */
  readonly docs: string | null;
}

/** A user's own rule: a match of `pattern` in a log line raises `code`; `$<group>` is replaced. */
export interface LogRule {
  readonly pattern: RegExp;
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly hint: string;
  /** Default: the whole match, so that different matches are different rows. */
  readonly subject?: string;
}

/** A call of a tool. */
export interface ToolCall {
  readonly tool: string;
  /** As the client sent them; undefined where that is not known any more. */
  readonly arguments: () => unknown;
}

/** A call of a tool that went wrong, by what its answer says. */
export interface FailedCall extends ToolCall {
  /** Of a JSON-RPC error; null: it is a result with `isError: true`. */
  readonly code: number | null;
  /** The error's message, or all texts of the result. */
  readonly text: string;
}

export type LogStream = 'stdout' | 'stderr' | 'supervisor';
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One line of `logs/<server>.log`. */
export interface LogRecord {
  readonly time: string;
  readonly server: ServerName;
  readonly generation: Generation;
  readonly stream: LogStream;
  readonly level: LogLevel;
  readonly line: string;
}

export type ServerState = 'starting' | 'ready' | 'replacing' | 'blocked' | 'crashed' | 'stopped';

/** What became of the credentials at a reload. Scope names only, never values. */
export interface CredentialChange {
  readonly verdict: Verdict['kind'];
  readonly detail: string | null;
  readonly gained: readonly string[];
  readonly lost: readonly string[];
  /** All of it in words: `token rotated: accepted, gained event:write`. */
  readonly summary: string;
}

export interface Reload {
  readonly at: string;
  readonly reason: string;
  /** Names only, never values. */
  readonly changedKeys: readonly string[];
  readonly durationMs: number;
  /** `started`: nothing was serving before. */
  readonly outcome: 'started' | 'replaced' | 'kept-old' | 'failed';
  /** Absent where the credentials did not change, or nobody was asked about them. */
  readonly credentials?: CredentialChange | undefined;
}

/** A row of `status --json`. */
export interface ServerStatus {
  readonly name: ServerName;
  readonly state: ServerState;
  readonly pid: number | null;
  readonly runnerPid: number | null;
  readonly generation: Generation;
  readonly restarts: number;
  readonly uptimeMs: number | null;
  /** Of all its children. */
  readonly memoryBytes: number | null;
  readonly url: string;
  readonly tools: readonly string[];
  readonly sessions: number;
  /** Its processes that run: 1, or with `sharing: 'per-session'` one more for each session that has its own. */
  readonly children: number;
  /** Calls that are being worked on, or wait for a child. */
  readonly calls: number;
  readonly lastReload: Reload | null;
  readonly warnings: number;
  readonly detail: string | null;
}

/** Options of `up` that beat those of every Sentry preset until the next `up`; an absent one is the config's. */
export interface SentryOverrides {
  readonly addScopes?: readonly string[] | undefined;
  readonly organizationSlug?: string | undefined;
  readonly projectSlug?: string | undefined;
}

/** `status --json`. */
export interface StatusReport {
  readonly supervisor: { readonly pid: number; readonly version: string; readonly uptimeMs: number } | null;
  readonly gateway: { readonly url: string } | null;
  readonly servers: readonly ServerStatus[];
  readonly warnings: readonly Warning[];
  /** Where any are in force. */
  readonly sentryOverrides?: SentryOverrides;
}
