export const SERVER_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}$/;
/** Log files and paths of the gateway that are ours. */
export const RESERVED_NAMES: readonly string[] = ['supervisor', 'healthz', 'readyz', 'api'];

export function isServerName(name: string): boolean {
  return SERVER_NAME.test(name) && !RESERVED_NAMES.includes(name.toLowerCase());
}
