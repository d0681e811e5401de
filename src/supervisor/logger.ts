import { pino } from 'pino';
import type { Redactor } from '../logs/redact.ts';
import { LogWriter } from '../logs/writer.ts';

/** The supervisor's own log, in the same shape as the servers'. */
export interface Logger {
  info(line: string): void;
  warn(line: string): void;
  error(line: string): void;
  flush(): Promise<void>;
}

export interface LoggerOptions {
  readonly file: string;
  readonly maxBytes: number;
  readonly keep: number;
  readonly redact: Redactor;
}

export function openLogger({ file, maxBytes, keep, redact }: LoggerOptions): Logger {
  const writer = new LogWriter(file, {
    maxBytes,
    keep,
    // Nowhere is left to say it but pm2's file for this app.
    onError: (error) => process.stderr.write(`supervisor.log cannot be written: ${error.message}\n`),
  });
  const log = pino(
    {
      messageKey: 'line',
      base: { server: 'supervisor', generation: 0, stream: 'supervisor' },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
    },
    { write: (line: string) => void writer.write(line) },
  );
  return {
    info: (line) => log.info(redact(line)),
    warn: (line) => log.warn(redact(line)),
    error: (line) => log.error(redact(line)),
    flush: () => writer.flush(),
  };
}
