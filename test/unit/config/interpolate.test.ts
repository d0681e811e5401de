import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interpolate, interpolationProblem } from '../../../src/config/interpolate.ts';

const lookupIn = (variables: Readonly<Record<string, string>>) => (name: string) =>
  Object.hasOwn(variables, name) ? variables[name] : undefined;

const VARIABLES = { A: 'a', B_2: 'b', EMPTY: '', _: 'underscore' };
const fill = (text: string) => interpolate(text, lookupIn(VARIABLES));

describe('interpolate', () => {
  it.each<[string, string, { used?: string[]; missing?: string[] }]>([
    ['', '', {}],
    ['plain $A {A} $ {A}', 'plain $A {A} $ {A}', {}],
    ['<${A}${B_2}>', '<ab>', { used: ['A', 'B_2'] }],
    ['${A}-${A}', 'a-a', { used: ['A'] }],
    ['${_}', 'underscore', { used: ['_'] }],
    ['${NONE}', '', { missing: ['NONE'] }],
    ['${NONE}${OTHER}${NONE}', '', { missing: ['NONE', 'OTHER'] }],
    ['${EMPTY}', '', { used: ['EMPTY'] }],
    ['${A:-default}', 'a', { used: ['A'] }],
    ['${EMPTY:-default}', 'default', {}],
    ['${NONE:-default $A "x" :-}', 'default $A "x" :-', {}],
    ['${NONE:-}', '', {}],
    ['$${A}', '${A}', {}],
    ['$$${A}', '$${A}', {}],
    ['$${A} ${A}', '${A} a', { used: ['A'] }],
    ['$${NONE:-x}', '${NONE:-x}', {}],
  ])('%s', (text, value, { used = [], missing = [] }) => {
    expect(fill(text)).toEqual({ value, used, missing });
  });
});

describe('interpolationProblem', () => {
  it.each(['', '$', '$A', '{A}', '$ {A}', '${A}', '${A:-x}', '$${', '$${A', 'a$$${{b'])(
    '%j has none',
    (text) => {
      expect(interpolationProblem(text)).toBeNull();
    },
  );

  it.each(['${', '${}', '${A', '${1A}', '${A-B}', '${A b}', '${A:=x}', '${A:-${B}}', '$$ ${', '${A}${'])(
    '%j has one',
    (text) => {
      expect(interpolationProblem(text)).toContain('write $${ for a literal ${');
    },
  );
});

describe('for any text', () => {
  const tricky = fc.string({
    unit: fc.constantFrom('$', '{', '}', 'A', ':', '-', '&', '1', '`'),
    maxLength: 12,
  });
  const any = fc.oneof(tricky, fc.string({ unit: 'binary' }));

  it('a value is taken as it is: never expanded again, whatever is in it', () => {
    fc.assert(
      fc.property(any, any, (secret, other) => {
        const lookup = lookupIn({ SECRET: secret, A: other });
        expect(interpolate('<${SECRET}|${SECRET:-x}|${A}>', lookup).value).toBe(
          `<${secret}|${secret === '' ? 'x' : secret}|${other}>`,
        );
      }),
    );
  });

  it('what is escaped stays as it was', () => {
    fc.assert(
      fc.property(any, (text) => {
        const escaped = text.replaceAll('${', () => '$${');
        expect(interpolationProblem(escaped)).toBeNull();
        expect(fill(escaped)).toEqual({ value: text, used: [], missing: [] });
      }),
      { numRuns: 1_000 },
    );
  });

  it('a text without a problem leaves no reference behind, and looks up nothing but what it names', () => {
    fc.assert(
      fc.property(tricky, (text) => {
        if (interpolationProblem(text) !== null) return;
        const asked: string[] = [];
        const { value } = interpolate(text, (name) => {
          asked.push(name);
          return '';
        });
        if (!text.includes('$${')) expect(value).not.toContain('${');
        for (const name of asked) expect(text).toMatch(`\${${name}`);
      }),
      { numRuns: 2_000 },
    );
  });
});
