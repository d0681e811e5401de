import { expect, it } from 'vitest';
import { PROXY_NAMES, SAFE_NAMES, SAFE_WINDOWS_NAMES, safeBase } from '../../../src/plan/safe-env.ts';

it('pins what a server may see of the inherited environment', () => {
  expect([...SAFE_NAMES].sort().join(' ')).toBe(
    'HOME LANG LC_ALL LC_CTYPE LOGNAME NODE_EXTRA_CA_CERTS NO_PROXY PATH SHELL SSL_CERT_DIR SSL_CERT_FILE ' +
      'TEMP TERM TMP TMPDIR TZ USER XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_RUNTIME_DIR ' +
      'XDG_STATE_HOME no_proxy',
  );
  expect([...SAFE_WINDOWS_NAMES].sort().join(' ')).toBe(
    'APPDATA COMSPEC HOMEDRIVE HOMEPATH LOCALAPPDATA PATH PATHEXT PROCESSOR_ARCHITECTURE PROGRAMDATA ' +
      'PROGRAMFILES SYSTEMDRIVE SYSTEMROOT TEMP TMP USERNAME USERPROFILE WINDIR',
  );
  expect([...PROXY_NAMES].sort().join(' ')).toBe(
    'ALL_PROXY HTTPS_PROXY HTTP_PROXY all_proxy http_proxy https_proxy',
  );
});

it('takes those and nothing else', () => {
  const safe = {
    PATH: '/bin',
    HOME: '/home/me',
    TZ: 'UTC',
    SystemRoot: 'C:\\Windows',
    no_proxy: 'localhost',
  };
  const secret = {
    SENTRY_AUTH_TOKEN: 'x',
    NODE_OPTIONS: '--require=x',
    npm_config__authToken: 'x',
    SSH_AUTH_SOCK: '/s',
    home: '/other',
    LANG: undefined,
  };
  expect(safeBase({ ...safe, ...secret })).toEqual(safe);
});

it('takes a proxy without credentials only', () => {
  const proxies = {
    HTTPS_PROXY: 'http://proxy.example.com:3128',
    http_proxy: 'http://me:secret@proxy.example.com',
  };
  expect(safeBase(proxies)).toEqual({ HTTPS_PROXY: 'http://proxy.example.com:3128' });
});

it('takes no exported shell function', () => {
  expect(safeBase({ TERM: '() { :; }; echo' })).toEqual({});
});
