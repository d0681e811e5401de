import { readFileSync, statSync } from 'node:fs';
import { relative } from 'node:path';
import { TextDecoder } from 'node:util';
import { parse } from 'dotenv';
import { hasCode, messageOf } from '../errors.ts';
import type { WarningDraft } from '../model.ts';
import { checkEnvText } from './env-text.ts';

export type EnvValues = Readonly<Record<string, string>>;

export type EnvFileReading =
  /** `ignoredLines`, counted from 1, are neither KEY=value nor comment nor blank. */
  | { readonly kind: 'ok'; readonly values: EnvValues; readonly ignoredLines: readonly number[] }
  | { readonly kind: 'missing' }
  /** Nothing in it; what a save looks like that was cut short, or is not finished. */
  | { readonly kind: 'empty' }
  /** `problem` names no value. */
  | { readonly kind: 'bad'; readonly problem: string };

export interface EnvReading {
  /** Of all the files, later ones beating earlier ones. */
  readonly values: EnvValues;
  readonly warnings: readonly WarningDraft[];
}

/** Env files with a memory: one that becomes unusable keeps the values it had when it was last good. */
export class EnvFiles {
  readonly #root: string;
  readonly #lastGood = new Map<string, EnvValues>();

  /** `root` is what the files' names in warnings are relative to. */
  constructor(root: string) {
    this.#root = root;
  }

  read(paths: readonly string[]): EnvReading {
    const values: Record<string, string> = Object.create(null);
    const warnings: WarningDraft[] = [];
    for (const path of paths) {
      const reading = readEnvFile(path);
      if (reading.kind === 'ok') this.#lastGood.set(path, reading.values);
      Object.assign(values, this.#lastGood.get(path));
      warnings.push(...this.#findings(path, reading));
    }
    return { values, warnings };
  }

  #findings(path: string, reading: EnvFileReading): WarningDraft[] {
    const name = relative(this.#root, path);
    if (reading.kind === 'ok') {
      return reading.ignoredLines.length === 0 ? [] : [ignoredLines(name, reading.ignoredLines)];
    }
    const hadValues = Object.keys(this.#lastGood.get(path) ?? {}).length > 0;
    if (reading.kind === 'bad') return [unreadable(name, reading.problem, hadValues)];
    return hadValues ? [unreadable(name, `is ${reading.kind} now`, hadValues)] : [];
  }
}

export function readEnvFile(path: string): EnvFileReading {
  let bytes: Buffer;
  try {
    // It would hold everything up until somebody writes, and it gives its text only once.
    if (statSync(path).isFIFO()) return { kind: 'bad', problem: 'is a pipe and no file' };
    bytes = readFileSync(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return { kind: 'missing' };
    return { kind: 'bad', problem: `cannot be read: ${messageOf(error)}` };
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { kind: 'bad', problem: 'is not UTF-8 text' };
  }
  if (text.trim() === '') return { kind: 'empty' };
  const { problem, ignoredLines } = checkEnvText(text);
  if (problem !== null) return { kind: 'bad', problem };
  return { kind: 'ok', values: Object.assign(Object.create(null), parse(text)), ignoredLines };
}

function unreadable(name: string, problem: string, hadValues: boolean): WarningDraft {
  return {
    code: 'env.unreadable',
    severity: 'error',
    subject: name,
    message: `${name} ${problem}${hadValues ? '; the values it had before stay in force' : ', so it gives no values'}.`,
    hint: hadValues
      ? 'Save it again; to remove a value delete its line, and keep the rest.'
      : 'Mend it; saving is enough.',
  };
}

function ignoredLines(name: string, lines: readonly number[]): WarningDraft {
  return {
    code: 'env.line-ignored',
    severity: 'warning',
    subject: name,
    message: `${name} has lines that are neither KEY=value nor a comment: line ${lines.join(', ')}.`,
    hint: 'Write KEY=value, or put a # before it.',
  };
}
