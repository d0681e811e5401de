import { describe, expect, it } from 'vitest';
import { endpointTable, serverTable } from '../../../../src/cli/render/server-table.ts';
import { plain, serverRow } from './statuses.ts';

describe('serverTable', () => {
  it('has a row a server, under a header', () => {
    const crashed = serverRow({
      name: 'a',
      state: 'starting',
      pid: null,
      uptimeMs: null,
      memoryBytes: null,
      sessions: 0,
    });
    expect(serverTable([serverRow(), crashed], plain)).toBe(
      [
        'SERVER  STATE     PID  GEN  RESTARTS  UPTIME  MEMORY  TOOLS  SESSIONS  WARNINGS',
        'mail    ready     100  3    1         1h 2m   50 MB   2      2         0',
        'a       starting  -    3    1         -       -       -      0         0',
        '',
      ].join('\n'),
    );
  });

  it('says below why a server is in its state, and how its last reload went', () => {
    const lastReload = {
      at: '2026-01-01T00:00:00.000Z',
      reason: '.env changed',
      changedKeys: ['A', 'B'],
      durationMs: 250,
      outcome: 'replaced',
    } as const;
    const notes = (row: Parameters<typeof serverRow>[0]) =>
      serverTable([serverRow(row)], plain)
        .split('\n')
        .slice(2);
    expect(notes({ state: 'crashed', detail: 'exited with code 1', lastReload })).toEqual([
      'mail: exited with code 1',
      'mail: last reload 2026-01-01T00:00:00.000Z: .env changed (A, B), replaced after 250 ms',
      '',
    ]);
    expect(notes({ lastReload: { ...lastReload, changedKeys: [] } })[0]).toBe(
      'mail: last reload 2026-01-01T00:00:00.000Z: .env changed, replaced after 250 ms',
    );
    expect(notes({})).toEqual(['']);
  });

  it("lets a server's last words do nothing to the terminal", () => {
    const detail = 'exited; its last words: \u001b]0;title\u0007\u001b[2Jbye\r';
    expect(serverTable([serverRow({ state: 'crashed', detail })], plain)).toContain('its last words: bye\n');
  });

  it('colours by state', () => {
    const styles: unknown[] = [];
    const paint = (style: unknown, text: string) => {
      if (text === 'crashed') styles.push(style);
      return text;
    };
    serverTable([serverRow({ state: 'crashed' })], paint);
    expect(styles).toEqual(['red']);
  });
});

it('endpointTable says where clients find each server, and how many tools it has', () => {
  const blocked = serverRow({ name: 'b', state: 'blocked', url: 'http://127.0.0.1:7420/b/mcp' });
  expect(endpointTable([serverRow(), blocked], plain)).toBe(
    'mail  ready    2 tools  http://127.0.0.1:7420/mail/mcp\nb     blocked           http://127.0.0.1:7420/b/mcp\n',
  );
});
