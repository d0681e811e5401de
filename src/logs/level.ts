import type { LogLevel } from '../model.ts';

/** A level that is further along a line than this is not the line's own. */
const HEAD_CHARS = 160;
/** Some loggers put it after the message. A line can be megabytes long: it is not parsed. */
const JSON_CHARS = 1_000;

const LEVELS: Readonly<Record<string, LogLevel>> = {
  trace: 'debug',
  verbose: 'debug',
  silly: 'debug',
  debug: 'debug',
  dbg: 'debug',
  info: 'info',
  notice: 'info',
  log: 'info',
  warn: 'warn',
  warning: 'warn',
  wrn: 'warn',
  error: 'error',
  err: 'error',
  fatal: 'error',
  critical: 'error',
  crit: 'error',
  alert: 'error',
  emerg: 'error',
  emergency: 'error',
  panic: 'error',
};
const WORDS = Object.keys(LEVELS)
  .sort((a, b) => b.length - a.length)
  .join('|');

/** `{"level":40,…}` (pino, bunyan), `{"level":"warn",…}`, `{"severity":"WARNING",…}`. */
const IN_JSON = /"(?:level|severity|lvl)"\s*:\s*(?:"(\w+)"|(\d+))/i;
/** `level=warn msg=…`. */
const IN_LOGFMT = /(?:^|\s)(?:level|lvl|severity)=["']?(\w+)/i;
/** The first word, after timestamps, brackets, colours and the name that npm gives itself. */
const FIRST_WORD = new RegExp(
  `^(?:\\u001b\\[[\\d;]*m|[^A-Za-z\\u001b]|(?<=\\d)[TZ](?![A-Za-z])|npm )*(${WORDS})(?![\\w-])`,
  'i',
);
/** `2026-01-31 10:00:00 my.module ERROR: …`: in capitals it is a level wherever it stands. */
const IN_CAPITALS = new RegExp(`(?<![\\w-])(${WORDS.toUpperCase()})(?![\\w-])`);
/** `TypeError: …`, `Traceback (…`, `Uncaught …`, `(node:1) DeprecationWarning: …`. */
const FAILURE = /^\W*(?:Uncaught|Unhandled|Traceback \()|(?:^|[\s(])\w*(?:Error|Exception)(?: \[\w+\])?:/;
const CAUTION = /(?:^|[\s(])\w*Warning:/;

/** A cheap guess, for colours and filters: nothing depends on its being right. */
export function guessLevel(line: string): LogLevel {
  if (line.startsWith('{')) return levelInJson(line.slice(0, JSON_CHARS));
  const head = line.slice(0, HEAD_CHARS);
  const word = (FIRST_WORD.exec(head) ?? IN_LOGFMT.exec(head) ?? IN_CAPITALS.exec(head))?.[1];
  if (word !== undefined) return levelNamed(word);
  if (FAILURE.test(head)) return 'error';
  return CAUTION.test(head) ? 'warn' : 'info';
}

/** The level that goes by this name in some logging library. */
function levelNamed(name: string): LogLevel {
  return LEVELS[name.toLowerCase()] ?? 'info';
}

function levelInJson(head: string): LogLevel {
  const [, name, number] = IN_JSON.exec(head) ?? [];
  if (name !== undefined) return levelNamed(name);
  return number === undefined ? 'info' : levelNumbered(Number(number));
}

/** pino's and bunyan's numbers: 20 debug, 30 info, 40 warn, 50 error, 60 fatal. */
function levelNumbered(number: number): LogLevel {
  if (number < 30) return 'debug';
  if (number < 40) return 'info';
  return number < 50 ? 'warn' : 'error';
}

const SEVERITY: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Whether `level` is `minimum` or worse. */
export function isAtLeast(level: LogLevel, minimum: LogLevel): boolean {
  return SEVERITY[level] >= SEVERITY[minimum];
}
