import { describe, expect, it } from 'vitest';
import { guessLevel, isAtLeast } from '../../../src/logs/level.ts';

describe('guessLevel', () => {
  it.each([
    ['error', '{"level":50,"time":1,"msg":"x"}'],
    ['error', '{"level":"error","message":"x"}'],
    ['warn', '{"time":"2026-01-01T00:00:00Z","level":"WARN"}'],
    ['warn', '{"message":"long","severity": "Warning"}'],
    ['debug', '{"level":20}'],
    ['info', '{"level":30}'],
    ['info', '{"msg":"no level"}'],
    ['error', '[error] it broke'],
    ['error', 'ERROR it broke'],
    ['error', 'error: it broke'],
    ['error', '\u001b[31mERR\u001b[0m it broke'],
    ['error', '2026-01-31T10:00:00.123Z ERROR it broke'],
    ['error', '2026-01-31 10:00:00,123 - my.module - ERROR - it broke'],
    ['error', 'FATAL: no'],
    ['error', 'npm error code E404'],
    ['error', 'npm ERR! code E404'],
    ['error', "TypeError: Cannot read properties of undefined (reading 'x')"],
    ['error', 'Error [ERR_MODULE_NOT_FOUND]: Cannot find package'],
    ['error', 'Traceback (most recent call last):'],
    ['error', 'panic: runtime error'],
    ['warn', 'warn  something'],
    ['warn', '[WARNING] something'],
    ['warn', 'npm warn deprecated x@1'],
    ['warn', 'time=2026-01-01T00:00:00Z level=warn msg="ERROR in the text"'],
    ['warn', '(node:12) ExperimentalWarning: SQLite is experimental'],
    ['debug', 'DEBUG: x'],
    ['debug', '[trace] x'],
    ['info', 'INFO all is well, no ERROR'],
    ['info', 'Server listening on port 3000'],
    ['info', 'found 0 errors'],
    ['info', 'error-handler installed'],
    ['info', 'Usage: mcp [--warn]'],
    ['info', ''],
  ])('%s: %s', (level, line) => {
    expect(guessLevel(line)).toBe(level);
  });

  it('does not look through megabytes', () => {
    expect(guessLevel(`${'x'.repeat(5_000_000)} ERROR`)).toBe('info');
    expect(guessLevel('-1'.repeat(5_000_000))).toBe('info');
  });
});

it('isAtLeast orders the levels', () => {
  expect(isAtLeast('warn', 'warn')).toBe(true);
  expect(isAtLeast('error', 'debug')).toBe(true);
  expect(isAtLeast('info', 'warn')).toBe(false);
});
