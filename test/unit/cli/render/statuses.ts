import type { ServerStatus, Warning } from '../../../../src/model.ts';

export const plain = (_style: unknown, text: string): string => text;

export function serverRow(given: Partial<ServerStatus> = {}): ServerStatus {
  return {
    name: 'mail',
    state: 'ready',
    pid: 100,
    runnerPid: 99,
    generation: 3,
    restarts: 1,
    uptimeMs: 3_723_000,
    memoryBytes: 50 * 1024 * 1024,
    url: 'http://127.0.0.1:7420/mail/mcp',
    tools: ['a', 'b'],
    sessions: 2,
    children: 1,
    calls: 0,
    lastReload: null,
    warnings: 0,
    detail: null,
    ...given,
  };
}

export function warningRow(given: Partial<Warning> = {}): Warning {
  return {
    id: '0123456789ab',
    code: 'my.rule',
    severity: 'warning',
    server: 'mail',
    subject: '',
    message: 'Something is wrong.',
    hint: 'Do something.',
    firstSeen: '2026-01-01T00:00:00.000Z',
    lastSeen: '2026-01-02T00:00:00.000Z',
    count: 1,
    generation: 3,
    state: 'active',
    docs: null,
    ...given,
  };
}
