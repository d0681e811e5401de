import { styleText } from 'node:util';
import type { FindingStatus } from '../../doctor/finding.ts';
import type { LogLevel, ServerState, Severity } from '../../model.ts';
import type { CliContext, Terminal } from '../context.ts';

type Style = Parameters<typeof styleText>[0];

/** Colours a text, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

/**
 * Colours on a terminal, unless NO_COLOR is set (https://no-color.org). FORCE_COLOR beats all of that, as in
 * Node: 0 or false is never, anything else always.
 */
export function paintFor({ env }: CliContext, { isTty }: Terminal): Paint {
  const { NO_COLOR: none = '', FORCE_COLOR: forced, TERM: term } = env;
  const wanted =
    forced === undefined ? isTty && none === '' && term !== 'dumb' : !/^(?:0|false)$/.test(forced);
  return wanted ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text;
}

export const STATE_STYLES: Readonly<Record<ServerState, Style>> = {
  starting: 'cyan',
  ready: 'green',
  replacing: 'cyan',
  blocked: 'yellow',
  crashed: 'red',
  stopped: 'dim',
};

export const SEVERITY_STYLES: Readonly<Record<Severity, Style>> = {
  info: 'cyan',
  warning: 'yellow',
  error: 'red',
};

export const FINDING_STYLES: Readonly<Record<FindingStatus, Style>> = {
  ok: 'green',
  warning: 'yellow',
  error: 'red',
  fixed: 'cyan',
};

export const LEVEL_STYLES: Readonly<Record<LogLevel, Style | null>> = {
  debug: 'dim',
  info: null,
  warn: 'yellow',
  error: 'red',
};

/** Told apart at a glance; red and yellow are taken by levels. */
const SERVER_STYLES: readonly Style[] = ['cyan', 'magenta', 'green', 'blue', 'cyanBright', 'magentaBright'];

/** The same server has the same colour in every run. */
export function serverStyle(name: string): Style {
  const sum = [...name].reduce((total, character) => total + (character.codePointAt(0) ?? 0), 0);
  return SERVER_STYLES[sum % SERVER_STYLES.length] ?? 'cyan';
}
