/** Verbs that print a result, and so take `--json`. */
export const PRINTING_VERBS = [
  ...['up', 'down', 'status', 'logs', 'restart', 'warnings', 'doctor', 'check'],
  ...['init', 'client-config', 'env', 'startup', 'unstartup'],
];

/** All of them; the others print what somebody else says or reads. */
export const VERBS = [...PRINTING_VERBS, 'connect', 'exec', 'completion'];
