import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { sentryOverrides } from '../config/sentry-overrides.ts';
import { type GatewaySettings, gatewaySettings } from '../gateway/gateway-settings.ts';
import type { Cursor } from '../logs/tail.ts';
import type { Generation, SentryOverrides, ServerName } from '../model.ts';
import type { JsonFile } from './json-file.ts';

const reload = z.object({
  at: z.string(),
  reason: z.string(),
  changedKeys: z.array(z.string()).readonly(),
  durationMs: z.number(),
  outcome: z.enum(['started', 'replaced', 'kept-old', 'failed']),
  credentials: z
    .object({
      verdict: z.enum(['accepted', 'rejected', 'unknown']),
      detail: z.string().nullable(),
      gained: z.array(z.string()).readonly(),
      lost: z.array(z.string()).readonly(),
      summary: z.string(),
    })
    .optional(),
});

const serverState = z.object({
  generation: z.number(),
  restarts: z.number(),
  lastReload: reload.nullable(),
  /** How far the log rules have read the server's log. */
  cursor: z
    .custom<Cursor>((value) => typeof value === 'object' && value !== null && 'late' in value)
    .nullable(),
  /** Of the credentials in use; null: not known. */
  scopes: z.array(z.string()).readonly().nullable().default(null),
  /** Why an older generation was kept; null: it was not. */
  keptBecause: z.string().nullable().default(null),
});

/** What a supervisor leaves to the next one. No secrets. */
export const stateSchema = z.object({
  /** The servers that `up` named; null: all of the config. */
  selected: z.array(z.string()).nullable(),
  /** What the last `up` overrode. */
  sentryOverrides: sentryOverrides.default({}),
  /** The port of the gateway, for a config that leaves it open; 0: none yet. */
  port: z.number(),
  /** How the gateway was configured when the config was last good: clients are served also when it is not. */
  gateway: gatewaySettings.nullable().default(null),
  servers: z.record(z.string(), serverState),
});

export type State = z.infer<typeof stateSchema>;
type ServerRecord = z.infer<typeof serverState>;

export const EMPTY_STATE: State = {
  selected: null,
  sentryOverrides: {},
  port: 0,
  gateway: null,
  servers: {},
};

const NEW_SERVER: ServerRecord = {
  generation: 0,
  restarts: 0,
  lastReload: null,
  cursor: null,
  scopes: null,
  keptBecause: null,
};

/** The supervisor's memory, kept on disk. */
export class StateStore {
  readonly #file: JsonFile<State>;
  #state: State;

  constructor(file: JsonFile<State>, initial: State) {
    this.#file = file;
    this.#state = initial;
  }

  get selected(): readonly ServerName[] | null {
    return this.#state.selected;
  }

  select(names: readonly ServerName[] | null): void {
    this.#change({ ...this.#state, selected: names === null ? null : [...names] });
  }

  get sentryOverrides(): SentryOverrides {
    return this.#state.sentryOverrides;
  }

  /** Written at once: `up` has promised that they stay, whatever happens to this process. */
  overrideSentry(sentryOverrides: SentryOverrides): void {
    if (isDeepStrictEqual(sentryOverrides, this.#state.sentryOverrides)) return;
    this.#change({ ...this.#state, sentryOverrides });
    this.flush();
  }

  get port(): number {
    return this.#state.port;
  }

  get gateway(): GatewaySettings | null {
    return this.#state.gateway;
  }

  noteGateway(port: number, gateway: GatewaySettings): void {
    if (port === this.#state.port && isDeepStrictEqual(gateway, this.#state.gateway)) return;
    this.#change({ ...this.#state, port, gateway });
  }

  server(name: ServerName): ServerRecord {
    return Object.hasOwn(this.#state.servers, name) ? (this.#state.servers[name] ?? NEW_SERVER) : NEW_SERVER;
  }

  /** Numbers are never used twice, so that a log line tells which start it belongs to. */
  nextGeneration(name: ServerName): Generation {
    const generation = this.server(name).generation + 1;
    this.update(name, { generation });
    return generation;
  }

  /** A generation that was found running has used up its number. */
  sawGeneration(name: ServerName, generation: Generation): void {
    if (generation > this.server(name).generation) this.update(name, { generation });
  }

  update(name: ServerName, change: Partial<ServerRecord>): void {
    const servers = { ...this.#state.servers, [name]: { ...this.server(name), ...change } };
    this.#change({ ...this.#state, servers });
  }

  flush(): void {
    this.#file.flush();
  }

  #change(state: State): void {
    this.#state = state;
    this.#file.write(state);
  }
}
