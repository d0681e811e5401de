/** A pm2 app of ours: a runner, or the supervisor itself. Nothing in it may be secret: pm2 prints it all. */
export interface App {
  readonly name: string;
  /** Absolute path of a JavaScript file, run by the Node that runs us. */
  readonly script: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** How long the process may take to end after SIGINT: longer than its own stop ladder. */
  readonly killTimeoutMs: number;
  /** The first pause before pm2 starts it again; it grows while it keeps failing. */
  readonly restartDelayMs: number;
  /** What a failing process prints before it has a log of its own. */
  readonly outFile: string;
}

export interface AppStatus {
  readonly name: string;
  /** null while nothing runs under this name. */
  readonly pid: number | null;
}

/** Our only view of pm2. Calls are made one after the other, and each is time-limited. */
export interface Engine {
  /** Starts an app that does not run yet. */
  start(app: App): Promise<void>;
  /** Stops and forgets an app; resolves once its process is gone. An unknown name is no error. */
  remove(name: string): Promise<void>;
  list(): Promise<readonly AppStatus[]>;
  /** Lets go of the daemon; what runs goes on. */
  close(): Promise<void>;
}
