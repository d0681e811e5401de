import { relative } from 'node:path';
import { FileWatch } from '../config/watch.ts';
import type { Engine } from '../engine/engine.ts';
import { messageOf, SupervisorError } from '../errors.ts';
import type { ServerName, ServerState, StatusReport, Step, WarningDraft } from '../model.ts';
import { checkNames } from '../names.ts';
import { safeBase } from '../plan/safe-env.ts';
import type { Webhook } from '../webhook/webhook.ts';
import { AdminHost } from './admin/host.ts';
import type { ProgressEvent, RestartRequest, UpRequest } from './admin/protocol.ts';
import { findRunning } from './adoption.ts';
import { Changes } from './changes.ts';
import type { Desired, DesiredReader } from './desired.ts';
import { configBroken } from './findings.ts';
import { Fleet, type FleetOptions } from './fleet.ts';
import { MEMORY_LOOK_MS, memoryCause, replacing } from './memory-limit.ts';
import { progress } from './progress.ts';
import type { RunnerPort } from './runner-port.ts';
import { secretValues } from './secret-values.ts';
import type { Secrets } from './secrets.ts';

/** How long a fresh supervisor waits for the `up` that started it, which brings the environment. */
const UP_PATIENCE_MS = 5_000;
/** How long `down` waits for the webhook to take what it has not been told. */
const LAST_POST_MS = 3_000;
/** A server that was not asked for does not count against readiness. */
const SERVING: readonly ServerState[] = ['ready', 'replacing', 'stopped'];

export interface SupervisorOptions extends Omit<FleetOptions, 'onChange' | 'url'> {
  readonly version: string;
  readonly engine: Engine;
  readonly port: RunnerPort;
  readonly reader: DesiredReader;
  readonly secrets: Secrets;
  readonly webhook: Webhook;
  /** The environment of this process: all there is until `up` brings another. */
  readonly env: Readonly<Record<string, string>>;
}

/** What a reconcile is to do beyond bringing about what config and env files say. */
interface Request {
  readonly reason: string;
  readonly reloadConfig: boolean;
  readonly force?: readonly ServerName[] | 'all';
  readonly retryStuck?: boolean;
}

/** The daemon: one loop that reconciles what runs with what config and env files ask for. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #fleet: Fleet;
  readonly #admin: AdminHost;
  readonly #changes = new Changes();
  readonly #startedAt = Date.now();
  #inherited: Readonly<Record<string, string>>;
  #desired: Desired | null = null;
  /** Why the config on disk cannot be loaded. */
  #loadProblem: WarningDraft | null = null;
  /** Why the last reconcile that nobody waited for failed. */
  #applyProblem: WarningDraft | null = null;
  #watch: FileWatch | null = null;
  #patience: NodeJS.Timeout | undefined;
  #memoryLooks: NodeJS.Timeout | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #closing = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#inherited = options.env;
    this.#fleet = new Fleet({
      ...options,
      onChange: () => this.#changes.notify(),
      url: (name) => `${options.gateway.url ?? ''}/${name}/mcp`,
    });
    this.#admin = new AdminHost(options.project.adminSocket, {
      status: () => this.status(),
      warnings: (all) => (all ? options.desk.all() : options.desk.active()),
      up: (request, signal) => this.#up(request, signal),
      restart: (request, signal) => this.#restart(request, signal),
      shutdown: () => this.#shutdown(),
    });
  }

  /** Takes over what an earlier supervisor left running, then answers, then reconciles. */
  async start(): Promise<void> {
    const { engine, port, state, secrets, gateway } = this.#options;
    await port.listen();
    const { foundlings, generations } = await findRunning(engine, port, (server, session) =>
      gateway.had(server, session),
    );
    for (const [name, generation] of generations) state.sawGeneration(name, generation);
    for (const foundling of foundlings) {
      const { inherited, order } = foundling.memo;
      this.#inherited = { ...this.#inherited, ...inherited };
      secrets.add(order.secrets);
      this.#fleet.adopt(foundling);
    }
    await this.#admin.listen();
    this.#memoryLooks = setInterval(() => this.#checkMemory(), MEMORY_LOOK_MS);
    const begin = () => this.#attempt({ reason: 'supervisor started', reloadConfig: true });
    if (foundlings.length === 0) {
      this.#patience = setTimeout(begin, UP_PATIENCE_MS);
      return;
    }
    await begin();
    // The config is broken, which is no reason to keep clients from servers that run.
    if (gateway.url === null && state.gateway !== null) await gateway.configure(state.gateway, state.port);
    port.confirmArrivals();
  }

  /** Ends this process's part; the servers go on, for the next supervisor. */
  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#patience);
    clearInterval(this.#memoryLooks);
    const { gateway, port, state, desk, log, webhook } = this.#options;
    webhook.close();
    gateway.release();
    await Promise.all([this.#watch?.close(), this.#admin.close(), port.close()]);
    state.flush();
    desk.flush();
    await log.flush();
  }

  /** The servers that should serve and do not. */
  notReady(): readonly ServerName[] {
    if (this.#desired === null) return ['the supervisor is starting'];
    const rows = this.#fleet.states();
    return rows.filter(({ state }) => !SERVING.includes(state)).map(({ name }) => name);
  }

  status(): StatusReport {
    const { version, desk, gateway, state } = this.#options;
    const { sentryOverrides } = state;
    return {
      supervisor: { pid: process.pid, version, uptimeMs: Date.now() - this.#startedAt },
      gateway: gateway.url === null ? null : { url: gateway.url },
      servers: this.#fleet.status(),
      warnings: desk.active(),
      ...(Object.keys(sentryOverrides).length === 0 ? {} : { sentryOverrides }),
    };
  }

  async *#up(request: UpRequest, signal: AbortSignal): AsyncGenerator<ProgressEvent> {
    clearTimeout(this.#patience);
    const { reader, state, project } = this.#options;
    if (request.configFile !== project.configFile) throw otherConfig(project.configFile);
    if (request.dryRun) {
      yield { kind: 'plan', steps: await this.#exclusively(() => this.#dryRun(request)) };
      yield { kind: 'done', report: this.status() };
      return;
    }
    const steps = await this.#exclusively(async () => {
      await reader.loadConfig();
      this.#loadProblem = null;
      checkNames(request.servers, Object.keys(reader.config?.servers ?? {}));
      this.#inherited = request.env;
      state.overrideSentry(request.sentryOverrides);
      state.select(selection(request.servers, state.selected, this.#desired !== null));
      return this.#reconcile({ reason: 'up', reloadConfig: false, retryStuck: true });
    });
    yield { kind: 'plan', steps };
    yield* this.#untilSettled(request.servers, request.wait, signal);
  }

  async *#restart(request: RestartRequest, signal: AbortSignal): AsyncGenerator<ProgressEvent> {
    const steps = await this.#exclusively(() => {
      checkNames(request.servers, this.#fleet.names);
      return this.#reconcile({ reason: 'restart', reloadConfig: true, force: request.servers ?? 'all' });
    });
    yield { kind: 'plan', steps };
    yield* this.#untilSettled(request.servers, request.wait, signal);
  }

  #untilSettled(names: readonly ServerName[] | null, wait: boolean, signal: AbortSignal) {
    const settled = wait ? this.#fleet.settled(names ?? undefined) : Promise.resolve();
    const source = {
      changes: this.#changes,
      states: () => this.#fleet.states(),
      report: () => this.status(),
    };
    return progress(settled, source, signal);
  }

  async #dryRun(request: UpRequest): Promise<Step[]> {
    const { reader, state } = this.#options;
    await reader.loadConfig();
    checkNames(request.servers, Object.keys(reader.config?.servers ?? {}));
    const desired = await reader.read(request.env, {}, request.sentryOverrides);
    return this.#fleet.plan(desired, selection(request.servers, state.selected, this.#desired !== null));
  }

  async #shutdown(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#patience);
    const { desk, webhook } = this.#options;
    await this.#exclusively(() => this.#fleet.stop());
    desk.flush();
    await webhook.finish(LAST_POST_MS);
  }

  #filesChanged(paths: readonly string[]): void {
    const { root, configFile } = this.#options.project;
    const names = paths.map((path) => relative(root, path)).join(', ');
    void this.#attempt({ reason: `${names} changed`, reloadConfig: paths.includes(configFile) });
  }

  /** A server over its limit is replaced, as after a change. */
  #checkMemory(): void {
    const excesses = this.#fleet.overMemory();
    this.#options.desk.overMemory(excesses);
    for (const excess of excesses.filter(({ waitMs }) => waitMs === 0)) {
      const { server } = excess;
      replacing(server);
      void this.#attempt({ ...memoryCause(excess), reloadConfig: false, force: [server.name] });
    }
    this.#fleet.limitSessionMemory();
  }

  /** A reconcile that nobody waits for: what goes wrong with it is a warning. */
  async #attempt(request: Request): Promise<void> {
    try {
      await this.#exclusively(() => this.#reconcile(request));
    } catch (error) {
      const { log, project, reader } = this.#options;
      if (!(error instanceof SupervisorError))
        log.error(`reconcile failed: ${error instanceof Error ? error.stack : error}`);
      this.#applyProblem = configBroken(messageOf(error), reader.config !== null);
      this.reportProject();
      // Also where nothing could be read yet: saving a good one is to be enough.
      this.#watchFiles([project.configFile, ...(this.#desired?.envFiles ?? [])]);
    }
  }

  async #reconcile({ reason, reloadConfig, force = [], retryStuck = false }: Request): Promise<Step[]> {
    if (this.#closing) return [];
    const { gateway, port, reader, secrets, state, webhook } = this.#options;
    if (reloadConfig) this.#loadProblem = await this.#reloadConfig();
    const desired = await reader.read(this.#inherited, {}, state.sentryOverrides);
    secrets.add(desired.secrets);
    for (const values of desired.inherited.values()) secrets.add(secretValues(values));
    webhook.configure(desired.webhook);
    this.#fleet.admit(desired);
    const settings = desired.config.gateway;
    state.noteGateway(await gateway.configure(settings, state.port), settings);
    port.confirmArrivals();
    this.#desired = desired;
    this.#applyProblem = null;
    this.reportProject();
    const steps = this.#fleet.reconcile(desired, {
      reason,
      force: new Set(force === 'all' ? desired.servers.keys() : force),
      retryStuck,
      selected: state.selected,
      base: safeBase(this.#inherited),
      secrets: secrets.values,
    });
    this.#watchFiles([this.#options.project.configFile, ...desired.envFiles]);
    return steps;
  }

  /** A config that is broken leaves the last good one in force, if there is one. */
  async #reloadConfig(): Promise<WarningDraft | null> {
    const { reader } = this.#options;
    try {
      await reader.loadConfig();
      return null;
    } catch (error) {
      if (!(error instanceof SupervisorError) || reader.config === null) throw error;
      return configBroken(error.message, true);
    }
  }

  /** Tells what is wrong with the project, as it is now. */
  reportProject(): void {
    const { desk, webhook } = this.#options;
    const problems = [this.#applyProblem ?? this.#loadProblem, webhook.problem];
    const found = problems.filter((problem) => problem !== null);
    desk.sync(null, [...found, ...(this.#desired?.warnings ?? [])]);
  }

  #watchFiles(paths: readonly string[]): void {
    const { log } = this.#options;
    if (this.#watch !== null) {
      this.#watch.update(paths);
      return;
    }
    this.#watch = new FileWatch(paths, {
      onChange: (changed) => this.#filesChanged(changed),
      onError: (error) => log.error(`watching the project's files: ${error}`),
    });
  }

  /** One after the other: config, env files and plan belong together. */
  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => {});
    return result;
  }
}

function otherConfig(configFile: string): SupervisorError {
  const message = `This folder's supervisor runs with another config, ${configFile}`;
  return new SupervisorError('usage.invalid', message, 'Stop it with `mcp-supervisor down` first.');
}

/** Naming servers in a running project adds to what runs; naming none means all. */
function selection(
  asked: readonly ServerName[] | null,
  before: readonly ServerName[] | null,
  running: boolean,
): readonly ServerName[] | null {
  if (asked === null || (running && before === null)) return null;
  return [...new Set([...(running ? (before ?? []) : []), ...asked])];
}
