import { describe, expect, it } from 'vitest';
import { JsonFile } from '../../../src/supervisor/json-file.ts';
import { EMPTY_STATE, type State, StateStore, stateSchema } from '../../../src/supervisor/state.ts';
import { tempDir } from '../../support/temp-dir.ts';

const RELOAD = {
  at: '2026-01-01T00:00:00.000Z',
  reason: '.env changed',
  changedKeys: ['A'],
  durationMs: 5,
  outcome: 'replaced',
} as const;

const GATEWAY = {
  host: '127.0.0.1',
  port: 0,
  auth: 'token',
  maxBodyBytes: 1,
  maxWaitingCalls: 2,
  maxWaitMs: 3,
  maxSessions: 4,
  sessionIdleMs: 5,
} as const;

/** Opens the same file again and again, as one supervisor after the other does. */
function stateFile() {
  const { path, write } = tempDir();
  const problems: string[] = [];
  const open = () => {
    const file = new JsonFile<State>(path('state.json'), (problem) => problems.push(problem));
    return new StateStore(file, file.read(stateSchema, EMPTY_STATE));
  };
  return { open, problems, write };
}

describe('StateStore', () => {
  it('gives everything to the next supervisor', () => {
    const { open, problems } = stateFile();
    const first = open();
    first.select(['a', 'b']);
    first.overrideSentry({ addScopes: [], projectSlug: 'web' });
    first.noteGateway(7420, GATEWAY);
    first.update('a', { restarts: 3, lastReload: { ...RELOAD, changedKeys: ['A'] } });
    first.update('a', { scopes: ['event:read'] });
    first.nextGeneration('a');
    first.flush();
    const second = open();
    expect(second.selected).toEqual(['a', 'b']);
    expect(second.port).toBe(7420);
    expect(second.sentryOverrides).toEqual({ addScopes: [], projectSlug: 'web' });
    expect(second.gateway).toEqual(GATEWAY);
    expect(second.server('a')).toEqual({
      generation: 1,
      restarts: 3,
      lastReload: RELOAD,
      cursor: null,
      scopes: ['event:read'],
      keptBecause: null,
    });
    second.select(null);
    second.flush();
    expect(open().selected).toBeNull();
    expect(problems).toEqual([]);
  });

  it('has what `up` overrode on disk at once', () => {
    const { open } = stateFile();
    open().overrideSentry({ organizationSlug: 'acme' });
    expect(open().sentryOverrides).toEqual({ organizationSlug: 'acme' });
    open().overrideSentry({});
    expect(open().sentryOverrides).toEqual({});
  });

  it('uses no number of a generation twice', () => {
    const { open } = stateFile();
    const first = open();
    expect([first.nextGeneration('a'), first.nextGeneration('a'), first.nextGeneration('b')]).toEqual([
      1, 2, 1,
    ]);
    first.flush();
    const second = open();
    expect(second.nextGeneration('a')).toBe(3);
    // Found running: the supervisor that started it did not live to write it down.
    second.sawGeneration('a', 7);
    second.sawGeneration('a', 5);
    expect(second.nextGeneration('a')).toBe(8);
  });

  it('knows nothing of a server that is new, whatever it is called', () => {
    const { open } = stateFile();
    const unknown = {
      generation: 0,
      restarts: 0,
      lastReload: null,
      cursor: null,
      scopes: null,
      keptBecause: null,
    };
    for (const name of ['a', 'constructor', 'toString']) expect(open().server(name)).toEqual(unknown);
    const state = open();
    state.update('constructor', { restarts: 1 });
    state.flush();
    expect(open().server('constructor').restarts).toBe(1);
    expect(open().server('a')).toEqual(unknown);
  });

  it('begins anew where the file is damaged', () => {
    const { open, problems, write } = stateFile();
    write('state.json', '{"selected": "all", "port": 1, "servers": {}}');
    expect(open().selected).toBeNull();
    expect(open().port).toBe(0);
    expect(problems).toHaveLength(2);
  });
});
