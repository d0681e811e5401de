import { SupervisorError } from '../errors.ts';
import { printable } from '../logs/printable.ts';
import { type LogFile, openLogs } from '../logs/query.ts';
import { parseSince } from '../logs/since.ts';
import type { LogLevel, LogRecord } from '../model.ts';
import { checkNames } from '../names.ts';
import type { CliContext, CommonOptions, ProjectAccess, Verb } from './context.ts';
import { readStatus } from './read-status.ts';
import { LEVEL_STYLES, type Paint, paintFor, serverStyle } from './render/paint.ts';

const DEFAULT_LINES = 50;
export const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

export interface LogsOptions extends CommonOptions {
  readonly follow?: boolean;
  readonly lines?: string;
  readonly since?: string;
  readonly level?: string;
}

/** Prints the logs of all servers in time order; they are there whether the supervisor is up or not. */
export const logs: Verb<LogsOptions> = async (context, names, options) => {
  const project = context.openProject(options.config);
  await checkServers(project, names);
  const lines = lineCount(options);
  await printLogs(context, project, {
    names,
    json: options.json === true,
    follow: options.follow === true,
    signal: context.signal,
    ...(lines === undefined ? {} : { lines }),
    ...(options.since === undefined ? {} : { since: parseSince(options.since) }),
    ...(options.level === undefined ? {} : { minLevel: levelOf(options.level) }),
  });
  return 0;
};

export interface PrintOptions {
  readonly names?: readonly string[];
  readonly json?: boolean;
  readonly lines?: number;
  readonly since?: Date;
  readonly minLevel?: LogLevel;
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

export async function printLogs(
  context: CliContext,
  project: ProjectAccess,
  { names = [], json = false, follow, signal, ...query }: PrintOptions,
): Promise<void> {
  const chosen = (): LogFile[] =>
    project.logFiles().filter(({ server }) => names.length === 0 || names.includes(server));
  const paint = paintFor(context, context.out);
  const print = (record: LogRecord) =>
    context.out.write(json ? `${JSON.stringify(record)}\n` : logLine(record, paint));
  const opened = await openLogs(chosen, query);
  for (const record of opened.records) print(record);
  if (!follow) return;
  for await (const record of opened.follow(signal)) print(record);
}

function logLine({ time, server, generation, level, line }: LogRecord, paint: Paint): string {
  const style = LEVEL_STYLES[level];
  const text = printable(line);
  const origin = generation === 0 ? server : `${server}@${generation}`;
  return `${paint('dim', time)} ${paint(serverStyle(server), origin)} ${style === null ? text : paint(style, text)}\n`;
}

/** A server of the config may not have printed anything yet, and one that has may not be in it any more. */
async function checkServers(project: ProjectAccess, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const logged = project.logFiles().map(({ server }) => server);
  const running = (await readStatus(project)).servers.map(({ name }) => name);
  const known = [...new Set([...logged, ...running])];
  checkNames(names, known, {
    missing: 'There is no log of',
    present: 'There are logs of',
    none: 'none yet',
  });
}

function lineCount({ lines, since }: LogsOptions): number | undefined {
  if (lines === undefined) return since === undefined ? DEFAULT_LINES : undefined;
  if (/^\d+$/.test(lines)) return Number(lines);
  throw new SupervisorError('usage.invalid', `-n ${lines} is not a number of lines`, 'For example: -n 100.');
}

function levelOf(text: string): LogLevel {
  const level = LEVELS.find((candidate) => candidate === text);
  if (level !== undefined) return level;
  throw new SupervisorError(
    'usage.invalid',
    `--level ${text} is not a level`,
    `It is one of ${LEVELS.join(', ')}.`,
  );
}
