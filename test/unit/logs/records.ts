import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { encodeRecord } from '../../../src/logs/record.ts';
import type { LogRecord } from '../../../src/model.ts';

const EPOCH = Date.UTC(2026, 0, 1);

/** A record of `line`, `second` seconds into 2026. */
export function record(line: string, second = 0, more: Partial<LogRecord> = {}): LogRecord {
  const time = new Date(EPOCH + second * 1_000).toISOString();
  return { time, server: 'sentry', generation: 1, stream: 'stderr', level: 'info', line, ...more };
}

export function text(...lines: readonly string[]): string {
  return lines.map((line) => encodeRecord(record(line))).join('');
}

export function linesOf(records: readonly LogRecord[]): string[] {
  return records.map(({ line }) => line);
}

export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'logs-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
