import type { Engine } from '../engine/engine.ts';
import type { ClientIdentity } from '../gateway/handshake.ts';
import type { Generation, ServerName } from '../model.ts';
import type { RunnerPort } from './runner-port.ts';

/** What every generation needs of the supervisor. */
export interface GenerationDeps {
  readonly engine: Engine;
  readonly port: RunnerPort;
  readonly client: ClientIdentity;
  /** The built `bin/runner.js`. */
  readonly runnerScript: string;
  readonly runnerSocket: string;
  readonly stateDir: string;
  /** For what a child says of itself: it may quote a secret. */
  readonly redact: (text: string) => string;
  /** Resolves when the log rules have seen every line in the server's log file. */
  readonly logRead: (server: ServerName) => Promise<void>;
  /** The last lines of a child's stderr in one, from its start on; '' where there are none. */
  readonly lastWords: (server: ServerName, generation: Generation, since: Date) => Promise<string>;
}
