/**
 * What a server may see of the environment that the supervisor inherited: where things are, who runs
 * it, how to speak, and how to reach the network. No NODE_OPTIONS, which would change what runs; no
 * npm_config_*, which may hold a registry's token; no agent's socket. A config can declare any of them.
 */
export const SAFE_NAMES: readonly string[] = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'TERM',
  'TZ',
  'LANG',
  'LC_ALL',
  'LC_CTYPE',
  'TMPDIR',
  'TMP',
  'TEMP',
  'XDG_CACHE_HOME',
  'XDG_CONFIG_HOME',
  'XDG_DATA_HOME',
  'XDG_STATE_HOME',
  'XDG_RUNTIME_DIR',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NO_PROXY',
  'no_proxy',
];

/** Windows writes these in any case (`Path`, `SystemRoot`), and little runs without them. */
export const SAFE_WINDOWS_NAMES: readonly string[] = [
  'PATH',
  'PATHEXT',
  'COMSPEC',
  'SYSTEMROOT',
  'SYSTEMDRIVE',
  'WINDIR',
  'APPDATA',
  'LOCALAPPDATA',
  'PROGRAMDATA',
  'PROGRAMFILES',
  'USERPROFILE',
  'USERNAME',
  'HOMEDRIVE',
  'HOMEPATH',
  'PROCESSOR_ARCHITECTURE',
  'TEMP',
  'TMP',
];

/** Behind a proxy nothing works without these, but `http://user:password@proxy` is a secret. */
export const PROXY_NAMES: readonly string[] = [
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'http_proxy',
  'https_proxy',
  'all_proxy',
];

/** The safe part of an environment. */
export function safeBase(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const safe: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && isSafe(name, value)) safe[name] = value;
  }
  return safe;
}

/**
 * For processes of our own that open no TLS connection: where NODE_EXTRA_CA_CERTS is set, Node 20 parses
 * every root certificate at each start (measured: 40 of 100 ms of CPU).
 */
export function offlineBase(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const { NODE_EXTRA_CA_CERTS: _, ...rest } = safeBase(env);
  return rest;
}

function isSafe(name: string, value: string): boolean {
  // Shells export functions like this, and bash runs what such a value holds.
  if (value.startsWith('()')) return false;
  if (PROXY_NAMES.includes(name)) return !value.includes('@');
  return SAFE_NAMES.includes(name) || SAFE_WINDOWS_NAMES.includes(name.toUpperCase());
}
