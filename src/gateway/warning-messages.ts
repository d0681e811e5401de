import type { Warning } from '../model.ts';
import { passes } from './log-level.ts';
import { notification } from './rpc.ts';
import type { Session } from './session.ts';

/** Of our own messages, for a session that has not asked for a level. A child's all pass then. */
const DEFAULT_LEVEL = 'warning';

/** Says to one client what is wrong, as a log message of MCP, where its log level lets it through. */
export function tellWarning(session: Session, { severity, code, message, hint, server }: Warning): void {
  // Our severities are three of MCP's levels.
  if (!passes(severity, session.logLevel ?? DEFAULT_LEVEL)) return;
  const data = { code, message, hint, server };
  session.notify(notification('notifications/message', { level: severity, logger: 'mcp-supervisor', data }));
}
