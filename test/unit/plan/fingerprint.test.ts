import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ServerSpec } from '../../../src/model.ts';
import { fingerprintSpec, imprintWanted, variableHashes } from '../../../src/plan/fingerprint.ts';

const KEY = Buffer.alloc(32, 1);

const SPEC: ServerSpec = {
  name: 'a',
  launch: { command: 'node', args: ['x.js'], env: { A: '1', B: '2' }, cwd: '/p' },
  stop: { eofMs: 1000, termMs: 2000 },
  policy: {
    replace: 'overlap',
    sharing: 'shared',
    maxSessionChildren: 8,
    drainMs: 30_000,
    startTimeoutMs: 1000,
    restart: { maxRestarts: 5, minUptimeMs: 1000, backoffMs: 100, maxBackoffMs: 1000 },
    logRules: [],
  },
  variables: { TOKEN: 'same', OTHER: 'same' },
  warnings: [],
  check: null,
};

const withLaunch = (launch: Partial<ServerSpec['launch']>): ServerSpec => ({
  ...SPEC,
  launch: { ...SPEC.launch, ...launch },
});

describe('fingerprintSpec', () => {
  const before = fingerprintSpec(SPEC, KEY);

  it.each<[string, ServerSpec]>([
    ['command', withLaunch({ command: 'deno' })],
    ['args', withLaunch({ args: ['x.js', ''] })],
    ['env value', withLaunch({ env: { A: '1', B: '3' } })],
    ['env name', withLaunch({ env: { A: '1' } })],
    ['cwd', withLaunch({ cwd: '/q' })],
    ['stop', { ...SPEC, stop: { eofMs: 1000, termMs: 2001 } }],
  ])('changes with the %s', (_what, changed) => {
    expect(fingerprintSpec(changed, KEY)).not.toBe(before);
  });

  it.each<[string, ServerSpec]>([
    ['order of the env', withLaunch({ env: { B: '2', A: '1' } })],
    ['policy', { ...SPEC, policy: { ...SPEC.policy, replace: 'exclusive', startTimeoutMs: 5 } }],
    ['variables that reach nothing', { ...SPEC, variables: {} }],
    ['name', { ...SPEC, name: 'b' }],
  ])('does not change with the %s', (_what, changed) => {
    expect(fingerprintSpec(changed, KEY)).toBe(before);
  });

  it('tells any two environments apart', () => {
    const env = fc.dictionary(fc.string(), fc.string(), { maxKeys: 4 });
    fc.assert(
      fc.property(env, env, (a, b) => {
        const same = JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());
        const equal =
          fingerprintSpec(withLaunch({ env: a }), KEY) === fingerprintSpec(withLaunch({ env: b }), KEY);
        expect(equal).toBe(same);
      }),
    );
  });

  it('is of no use without the key', () => {
    expect(fingerprintSpec(SPEC, Buffer.alloc(32, 2))).not.toBe(before);
  });
});

describe('variableHashes', () => {
  it('shows neither values nor which of them are equal', () => {
    const hashes = variableHashes(SPEC, KEY);
    expect(Object.keys(hashes)).toEqual(['OTHER', 'TOKEN']);
    expect(hashes['TOKEN']).not.toBe(hashes['OTHER']);
    expect(JSON.stringify(hashes)).not.toContain('same');
  });
});

it('marks blocked servers, in the order of the config', () => {
  const warning = { code: 'c', severity: 'error', subject: '', message: '', hint: '' } as const;
  const wanted = imprintWanted([{ name: 'z', blocked: [warning] }, SPEC], KEY);
  expect([...wanted.keys()]).toEqual(['z', 'a']);
  expect(wanted.get('z')).toBe('blocked');
  expect(wanted.get('a')).toMatchObject({ fingerprint: fingerprintSpec(SPEC, KEY) });
});
