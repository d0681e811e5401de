import type { Gateway } from '../gateway/gateway.ts';
import type { Warning } from '../model.ts';
import type { Logger } from './logger.ts';

/** Somebody who is told of warnings as they come and go; what only counts up is not told. */
export interface WarningSink {
  /** A new row, or one that was resolved. */
  raised(row: Warning): void;
  resolved(row: Warning): void;
}

/** The supervisor's own log. */
export function logSink(log: Logger): WarningSink {
  return {
    raised: ({ server, severity, code, message, hint }) => {
      const level = severity === 'warning' ? 'warn' : severity;
      log[level](`${server ?? 'project'}: ${code}: ${message} ${hint}`);
    },
    resolved: ({ server, code }) => log.info(`${server ?? 'project'}: ${code} is resolved`),
  };
}

/** The clients of the server that it is about. MCP has no message for what is over. */
export function clientSink(gateway: Gateway): WarningSink {
  return { raised: (row) => gateway.warn(row), resolved: () => {} };
}
