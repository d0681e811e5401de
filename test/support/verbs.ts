/** Verbs that print a result, and so take `--json`. */
export const PRINTING_VERBS = [
  ...['up', 'down', 'status', 'logs', 'restart', 'warnings', 'doctor', 'check'],
  ...['init', 'client-config', 'env', 'startup', 'unstartup'],
];

/** All of them; `connect` and `exec` print what somebody else says. */
export const VERBS = [...PRINTING_VERBS, 'connect', 'exec'];
