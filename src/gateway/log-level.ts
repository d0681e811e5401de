/** RFC 5424's levels, as MCP's logging has them, from the most verbose on. */
const LEVELS: readonly unknown[] = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
];

/** The level that a shared child must be set to so that every session gets what it asked for. */
export function mostVerbose(sessions: readonly { readonly logLevel: string | null }[]): string | null {
  const levels = sessions.map(({ logLevel }) => logLevel);
  return levels.reduce((a, b) => (a === null || (b !== null && rank(b) < rank(a)) ? b : a), null);
}

/** A session that has not asked for a level gets everything. */
export function passes(level: unknown, asked: string | null): boolean {
  if (asked === null) return true;
  return rank(level) >= rank(asked);
}

function rank(level: unknown): number {
  const index = LEVELS.indexOf(level);
  // A level that MCP does not know is not held back.
  return index === -1 ? LEVELS.length : index;
}

export function isLogLevel(level: unknown): level is string {
  return LEVELS.includes(level);
}
