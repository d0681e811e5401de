import { existsSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ConfigChecks } from '../../../src/config/config-checks.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { until } from '../../support/until.ts';

const PUBLIC_ENTRY = fileURLToPath(new URL('../../../src/index.ts', import.meta.url));

/** A config with these `check`s, by server. It notes each time that it is loaded, and `note`s what it is told to. */
function configWith(checks: Readonly<Record<string, string>>, before = '') {
  const { path, write } = tempDir();
  const save = (more: Readonly<Record<string, string>> = checks) => {
    const servers = Object.entries(more).map(
      ([name, check]) => `${name}: { command: 'x', check: ${check} },`,
    );
    return write(
      'ecosystem.config.ts',
      `import { appendFileSync } from 'node:fs';
       const note = (what) => appendFileSync(${JSON.stringify(path('notes'))}, what + ' ');
       note('loaded');
       ${before}
       export default { servers: { ${servers.join('\n')} } };`,
    );
  };
  const file = save();
  return {
    path,
    save,
    checks: () => callsOf(new ConfigChecks(file, PUBLIC_ENTRY)),
    notes: () => (existsSync(path('notes')) ? readFileSync(path('notes'), 'utf8').trim().split(' ') : []),
  };
}

/** The answer to the check of a server, or the message of what it rejects with. */
function callsOf(checks: ConfigChecks) {
  return (server: string, signal = new AbortController().signal, env: Record<string, string> = {}) =>
    checks.call({ server, env }, signal).catch((error: Error) => error.message);
}

const NEVER = "() => { note('asked'); return new Promise(() => {}); }";
const WAITS_FOR = (what: string) =>
  `async () => { const { existsSync } = await import('node:fs'); note('asked');
     while (!existsSync(${what})) await new Promise((resolve) => setTimeout(resolve, 5)); return 'waited'; }`;
const LOOPS = "() => { note('looping'); for (;;); }";

describe('the checks that are asked at the same time', () => {
  it('share a config that is loaded once', async () => {
    const names = Array.from({ length: 26 }, (_, index) => `s${index}`);
    const config = configWith(
      Object.fromEntries(names.map((name) => [name, `async ({ env }) => '${name} ' + env.KEY`])),
    );
    const call = config.checks();
    const answers = names.map((name, index) => call(name, undefined, { KEY: `k${index}` }));
    expect(await Promise.all(answers)).toEqual(names.map((name, index) => `${name} k${index}`));
    expect(config.notes()).toEqual(['loaded']);
  });

  it('run side by side', async () => {
    const config = configWith({});
    const go = JSON.stringify(config.path('go'));
    config.save({
      waits: WAITS_FOR(go),
      goes: `async () => { (await import('node:fs')).writeFileSync(${go}, ''); return 'went'; }`,
    });
    const call = config.checks();
    expect(await Promise.all([call('waits'), call('goes')])).toEqual(['waited', 'went']);
    expect(config.notes()).toEqual(['loaded', 'asked']);
  });

  it('fail each by itself', async () => {
    const config = configWith({
      throws: "() => { throw new Error('thrown'); }",
      rejects: "() => Promise.reject('rejected')",
      textless: '() => { throw Object.create(null); }',
      copyless: "() => ({ get verdict() { throw new Error('no copy'); } })",
      fine: "() => ({ verdict: 'accepted' })",
    });
    const call = config.checks();
    const names = ['throws', 'rejects', 'textless', 'copyless', 'fine', 'none'];
    expect(await Promise.all(names.map((name) => call(name)))).toEqual([
      'thrown',
      'rejected',
      'it threw something that has no text',
      'no copy',
      { verdict: 'accepted' },
      expect.stringMatching(/undefined/),
    ]);
    expect(config.notes()).toEqual(['loaded']);
  });

  it('are called as methods of their server', async () => {
    expect(await configWith({ own: 'function () { return this.command; }' }).checks()('own')).toBe('x');
  });
});

describe('a thread', () => {
  it('ends with the last check, and what a check leaves running with it', async () => {
    const config = configWith({ leaves: "() => { setInterval(() => note('tick'), 1); return 1; }" });
    expect(await config.checks()('leaves')).toBe(1);
    await until('it does nothing any more', async () => {
      const before = statSync(config.path('notes')).size;
      await sleep(100);
      return statSync(config.path('notes')).size === before;
    });
  });

  it('is another one for what is asked afterwards, so that the config is loaded anew', async () => {
    const config = configWith({ a: '() => 1' });
    const call = config.checks();
    expect(await call('a')).toBe(1);
    config.save({ a: '() => 2' });
    expect(await call('a')).toBe(2);
  });

  it('never answers for a version that was saved later', async () => {
    const config = configWith({ hangs: NEVER, a: '() => 1' });
    const old = new AbortController();
    const call = config.checks();
    const hanging = call('hangs', old.signal);
    await until('it is asked', () => config.notes().includes('asked'));
    config.save({ a: '() => 2' });
    expect(await config.checks()('a')).toBe(2);
    old.abort(new Error('superseded'));
    expect(await hanging).toBe('superseded');
  });

  it('ends when nobody waits any more, and a question that is over is not put', async () => {
    const config = configWith({ loops: LOOPS });
    const stopped = new AbortController();
    const call = config.checks();
    const looping = call('loops', stopped.signal);
    await until('it loops', () => config.notes().includes('looping'));
    stopped.abort(new Error('enough'));
    expect(await looping).toBe('enough');
    expect(await call('loops', stopped.signal)).toBe('enough');
    expect(config.notes()).toEqual(['loaded', 'looping']);
  });
});

describe('what takes its time', () => {
  afterEach(() => vi.useRealTimers());
  const fakeTimers = () => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });

  it('is told apart: a check that hangs fails alone', async () => {
    fakeTimers();
    const config = configWith({});
    const go = JSON.stringify(config.path('go'));
    config.save({ hangs: NEVER, fine: '() => 1', waits: WAITS_FOR(go) });
    const call = config.checks();
    const hanging = call('hangs');
    // Its answer says that the config is loaded, so the time of the other is its own by now.
    expect(await call('fine')).toBe(1);
    vi.advanceTimersByTime(9_999);
    const waiting = call('waits');
    vi.advanceTimersByTime(1);
    expect(await hanging).toBe('it did not answer within 10 s');
    vi.useRealTimers();
    const { writeFileSync } = await import('node:fs');
    writeFileSync(config.path('go'), '');
    expect(await waiting).toBe('waited');
    expect(config.notes()).toEqual(['loaded', 'asked', 'asked']);
  });

  it('one that loops takes the others along, and they say that it may not be theirs', async () => {
    fakeTimers();
    const config = configWith({ fine: '() => 1', hangs: NEVER, loops: LOOPS });
    const call = config.checks();
    const hanging = call('hangs');
    expect(await call('fine')).toBe(1);
    const looping = call('loops');
    await until('it loops', () => config.notes().includes('looping'));
    const unheard = call('fine');
    vi.advanceTimersByTime(10_000);
    vi.advanceTimersByTime(5_000);
    const busy = expect.stringMatching(/maybe the check of another server, keeps its thread busy/);
    expect(await Promise.all([hanging, looping, unheard])).toEqual([busy, busy, busy]);
    expect(vi.getTimerCount()).toBe(0);
    // The next ones get a thread that is not.
    expect(await call('fine')).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is the loading, where that does not end', async () => {
    fakeTimers();
    const config = configWith({ a: '() => 1' }, 'for (;;);');
    const answer = config.checks()('a');
    await until('it runs', () => config.notes().includes('loaded'));
    vi.advanceTimersByTime(30_000);
    expect(await answer).toBe('the config was not loaded within 30 s, so it was not called');
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('what ends a thread says whose it may be', () => {
  it.each([
    [
      'exits',
      '() => { process.exit(0); }',
      /^something in the config, maybe the check of another server, ended its thread$/,
    ],
    [
      'forgets',
      "() => { void Promise.reject(new Error('forgotten')); return new Promise(() => {}); }",
      /another server, failed: forgotten$/,
    ],
  ])('%s', async (_, check, expected) => {
    const config = configWith({ hangs: NEVER, ends: check });
    const call = config.checks();
    const answers = await Promise.all([call('hangs'), call('ends')]);
    expect(answers).toEqual([expect.stringMatching(expected), expect.stringMatching(expected)]);
  });

  it.each([
    ['fails', "throw new Error('broken\\nsecret: hunter2');", /^loading the config again failed: broken$/],
    ['exits', 'process.exit(0);', /^loading the config again ended its thread$/],
  ])('loading %s', async (_, before, expected) => {
    expect(await configWith({ a: '() => 1' }, before).checks()('a')).toMatch(expected);
  });

  it('what a config posts by itself does no harm', async () => {
    const posts = `import { parentPort } from 'node:worker_threads';
      for (const odd of [null, 7, 'text', {}, { id: 99, answer: 1 }, { id: '1', problem: {} }]) parentPort.postMessage(odd);`;
    expect(await configWith({ a: '() => 1' }, posts).checks()('a')).toBe(1);
  });
});
