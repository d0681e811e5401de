import { isAbsolute, resolve } from 'node:path';
import { interpolate } from '../config/interpolate.ts';
import type { PlainServerConfig, SentryServerConfig, ServerConfig } from '../config/server-schema.ts';
import type {
  BlockedServer,
  CredentialCheck,
  Launch,
  ServerName,
  ServerSpec,
  WantedServer,
  WarningDraft,
} from '../model.ts';
import { type Rule, ruleFrom } from '../warnings/rules.ts';
import type { AnswerReading } from './answer-reading.ts';
import { type CallCheck, functionCheck } from './function-check.ts';
import { locatePackage } from './locate.ts';
import { type CommandLine, parseNpx, resolveNpx } from './npx.ts';
import { sentryServer } from './sentry/launch.ts';
import { sentryRules } from './sentry/rules.ts';
import type { SentryStarts } from './sentry/start.ts';
import { urlCheck } from './url-check.ts';
import { type Lookup, missingVariables, VariableFill } from './variables.ts';

export interface ResolveContext {
  /** The folder of the config: what relative paths are relative to. */
  readonly root: string;
  /** The Node that runs us, for packages that are installed. */
  readonly execPath: string;
  readonly lookup: Lookup;
  /** All of the server's own env files: it asked for them, so it gets them whole. */
  readonly ownValues: Readonly<Record<string, string>>;
  /** The file to name when a variable is missing. */
  readonly envFile: string;
  readonly sentryStarts: SentryStarts;
  /** Calls the server's `check` where it is a function of the config; rejects where it does. */
  readonly callCheck: CallCheck;
}

/** A server of the config with everything filled in: fit to start, or why not. */
export interface ResolvedServer {
  readonly wanted: WantedServer;
  /** Its log rules, made anew for each generation since they remember what they saw. */
  readonly rules: () => readonly Rule[];
  /** null: nothing is known of how its tools fail. */
  readonly answers: AnswerReading | null;
}

export async function resolveServer(
  name: ServerName,
  config: ServerConfig,
  context: ResolveContext,
): Promise<ResolvedServer> {
  const own = config.logRules;
  if ('preset' in config) {
    const { wanted, version, answers } = await sentry(name, config, context);
    return { wanted, rules: () => [...sentryRules(version), ...own.map(ruleFrom)], answers };
  }
  return { wanted: await plain(name, config, context), rules: () => own.map(ruleFrom), answers: null };
}

async function plain(
  name: ServerName,
  config: PlainServerConfig,
  context: ResolveContext,
): Promise<WantedServer> {
  const fill = new VariableFill(context.lookup);
  const filled = {
    command: fill.text(config.command),
    args: fill.texts(config.args),
    env: { ...context.ownValues, ...fill.record(config.env) },
    cwd: folder(context.root, config.cwd === undefined ? undefined : fill.text(config.cwd)),
  };
  const asked = config.check !== undefined && 'url' in config.check ? config.check : null;
  const check = asked && { url: fill.text(asked.url), headers: fill.record(asked.headers) };
  const blocked = blockedBy(name, missingVariables(name, fill.missing, context.envFile));
  if (blocked !== null) return blocked;
  const { command, args } = await withoutNpx(filled, filled.cwd, context.execPath);
  const launch = { ...filled, command: program(command, filled.cwd), args };
  const variables = { ...context.ownValues, ...fill.used };
  const names = Object.keys(variables);
  const caFile = launch.env['NODE_EXTRA_CA_CERTS'];
  const question =
    check !== null
      ? urlCheck({ server: name, ...check, variables: names, caFile })
      : config.check === undefined
        ? null
        : functionCheck(name, launch.env, names, context.callCheck);
  return specOf(name, config, launch, variables, [], question);
}

async function sentry(
  name: ServerName,
  config: SentryServerConfig,
  context: ResolveContext,
): Promise<{ wanted: WantedServer; version: string | null; answers: AnswerReading | null }> {
  const fill = new VariableFill(context.lookup);
  const optional = (text: string | undefined) => (text === undefined ? undefined : fill.text(text));
  const options = {
    ...config,
    organizationSlug: optional(config.organizationSlug),
    projectSlug: optional(config.projectSlug),
    host: optional(config.host),
    command: optional(config.command),
    args: config.args === undefined ? undefined : fill.texts(config.args),
    env: fill.record(config.env ?? {}),
    cwd: folder(context.root, optional(config.cwd)),
  };
  const blocked = blockedBy(name, missingVariables(name, fill.missing, context.envFile));
  if (blocked !== null) return { wanted: blocked, version: null, answers: null };
  const start = await context.sentryStarts.resolve(options);
  const madeOf = (text: string | undefined) => interpolate(text ?? '', context.lookup).used;
  const origins = {
    host: madeOf(config.host),
    env: (name: string) => madeOf(config.env?.[name]),
  };
  const result = sentryServer({ options, lookup: context.lookup, start, origins });
  const { version } = start;
  if ('blocked' in result) return { wanted: { name, blocked: result.blocked }, version, answers: null };
  const { command, args, env, variables, warnings, answers } = result;
  const check = config.check ? result.check : null;
  const launch = { command: program(command, options.cwd), args, env, cwd: options.cwd };
  const used = { ...fill.used, ...variables };
  return { wanted: specOf(name, config, launch, used, warnings, check), version, answers };
}

function specOf(
  name: ServerName,
  config: ServerConfig,
  launch: Launch,
  variables: Readonly<Record<string, string>>,
  warnings: readonly WarningDraft[],
  check: CredentialCheck | null,
): ServerSpec {
  const { replace, sharing, maxSessionChildren, drainMs, startTimeoutMs, restart, logRules, maxMemory } =
    config;
  const limit = maxMemory === undefined ? {} : { maxMemoryBytes: maxMemory };
  const policy = {
    replace,
    sharing,
    maxSessionChildren,
    drainMs,
    startTimeoutMs,
    restart,
    logRules,
    ...limit,
  };
  return { name, launch, stop: config.stop, policy, variables, warnings, check };
}

function blockedBy(name: ServerName, reasons: readonly WarningDraft[]): BlockedServer | null {
  const [first, ...others] = reasons;
  return first === undefined ? null : { name, blocked: [first, ...others] };
}

/** An installed package is started directly: npx would stay as its parent, at 38 MB and 330 ms. */
async function withoutNpx(line: CommandLine, cwd: string, execPath: string): Promise<CommandLine> {
  const call = line.command === 'npx' ? parseNpx(line.args) : null;
  const installed = call === null ? null : await locatePackage(call.packageName, cwd);
  return (call && installed && resolveNpx(call, installed, execPath)) ?? line;
}

function folder(root: string, cwd: string | undefined): string {
  return cwd === undefined ? root : resolve(root, cwd);
}

/** `./server` means a file beside the config, as everywhere; a bare name is looked up in the PATH. */
function program(command: string, cwd: string): string {
  return /[/\\]/.test(command) && !isAbsolute(command) ? resolve(cwd, command) : command;
}
