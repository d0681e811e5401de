import { resolve } from 'node:path';
import { ConfigChecks } from '../config/config-checks.ts';
import { EnvFiles } from '../config/env-files.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { SentryOverrides, ServerName, WarningDraft } from '../model.ts';
import { safeBase } from '../plan/safe-env.ts';
import { type ResolvedServer, resolveServer } from '../servers/resolve.ts';
import { withSentryOverrides } from '../servers/sentry/overrides.ts';
import { SentryStarts } from '../servers/sentry/start.ts';
import { resolveWebhook, type WebhookTarget } from '../webhook/target.ts';
import { secretValues } from './secret-values.ts';

/** Everything that the config and the env files ask for, at one moment. */
export interface Desired {
  readonly config: Config;
  /** In the order of the config. */
  readonly servers: ReadonlyMap<ServerName, ResolvedServer>;
  /** What is wrong with the project rather than with one server. */
  readonly warnings: readonly WarningDraft[];
  /** Where changes of warnings are posted to. */
  readonly webhook: WebhookTarget | null;
  /** Every value of every env file that may be a secret, and the webhook's URL. */
  readonly secrets: readonly string[];
  /** The env files, whether they exist or not. */
  readonly envFiles: readonly string[];
  /** By server, the variables that only the caller's environment has. */
  readonly inherited: ReadonlyMap<ServerName, Readonly<Record<string, string>>>;
}

export interface DesiredOptions {
  readonly root: string;
  readonly configFile: string;
  /** What `mcp-supervisor` means when the config imports it. */
  readonly publicEntry: string;
  readonly execPath: string;
}

interface LoadedConfig {
  readonly config: Config;
  readonly checks: ConfigChecks;
}

/** Reads config and env files; what cannot be read stays as it was last good. */
export class DesiredReader {
  readonly #options: DesiredOptions;
  readonly #envFiles: EnvFiles;
  #loaded: LoadedConfig | null = null;
  #sentryStarts: { readonly path: string | undefined; readonly starts: SentryStarts } | null = null;

  constructor(options: DesiredOptions) {
    this.#options = options;
    this.#envFiles = new EnvFiles(options.root);
  }

  /** The last config that was good. */
  get config(): Config | null {
    return this.#loaded?.config ?? null;
  }

  /** Loads the config anew; throws a SupervisorError that lists everything wrong with it. */
  async loadConfig(): Promise<void> {
    await this.#load();
  }

  /**
   * Reads the env files anew. `inherited` is the environment of whoever said `up`; `overrides` beats all
   * files; `sentryOverrides` beats the options of every Sentry preset.
   */
  async read(
    inherited: Readonly<Record<string, string>>,
    overrides: Readonly<Record<string, string>> = {},
    sentryOverrides: SentryOverrides = {},
  ): Promise<Desired> {
    const { config, checks } = this.#loaded ?? (await this.#load());
    const { root, execPath } = this.#options;
    const sentryStarts = this.#startsFor(inherited);
    const global = this.#envFiles.read(config.envFiles.map((file) => resolve(root, file)));
    const lastEnvFile = config.envFiles.at(-1) ?? '.env';
    // From env files only: the next supervisor could not know what the environment of `up` had.
    const webhook = resolveWebhook(config.warnings.webhook, (key) => global.values[key], lastEnvFile);
    const warnings = [...global.warnings, ...webhook.warnings];
    const secrets = new Set([...secretValues(global.values), ...webhook.secrets]);
    const envFiles = new Set(config.envFiles.map((file) => resolve(root, file)));
    const inheritedByServer = new Map<ServerName, Record<string, string>>();

    const resolved = Object.entries(config.servers).map(async ([name, configured]) => {
      const server = withSentryOverrides(configured, sentryOverrides);
      const files = server.envFiles.map((file) => resolve(root, file));
      const own = this.#envFiles.read(files);
      warnings.push(...own.warnings);
      for (const file of files) envFiles.add(file);
      for (const value of secretValues(own.values)) secrets.add(value);
      const fromFiles = (key: string) => overrides[key] ?? own.values[key] ?? global.values[key];
      const result = await resolveServer(name, server, {
        root,
        execPath,
        lookup: (key) => fromFiles(key) ?? inherited[key],
        ownValues: own.values,
        envFile: files.at(-1) ?? lastEnvFile,
        sentryStarts,
        callCheck: (server, env, signal) => checks.call({ server, env }, signal),
      });
      const used = 'blocked' in result.wanted ? {} : result.wanted.variables;
      inheritedByServer.set(
        name,
        withoutKeys(used, (key) => fromFiles(key) !== undefined),
      );
      return [name, result] as const;
    });
    const servers = new Map(await Promise.all(resolved));
    return {
      config,
      servers,
      warnings,
      webhook: webhook.target,
      secrets: [...secrets],
      envFiles: [...envFiles],
      inherited: inheritedByServer,
    };
  }

  async #load(): Promise<LoadedConfig> {
    const { configFile, publicEntry } = this.#options;
    const config = await loadConfig(configFile, { publicEntry });
    this.#loaded = { config, checks: new ConfigChecks(configFile, publicEntry) };
    return this.#loaded;
  }

  /** It remembers what it asked a program for, so it is kept as long as PATH finds the same programs. */
  #startsFor(inherited: Readonly<Record<string, string>>): SentryStarts {
    const { PATH: path } = inherited;
    if (this.#sentryStarts === null || this.#sentryStarts.path !== path) {
      const { root, execPath } = this.#options;
      this.#sentryStarts = { path, starts: new SentryStarts(root, execPath, safeBase(inherited)) };
    }
    return this.#sentryStarts.starts;
  }
}

function withoutKeys(
  record: Readonly<Record<string, string>>,
  drop: (key: string) => boolean,
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !drop(key)));
}
