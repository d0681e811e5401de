import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { configText, literal, parseReferences, type Template } from '../../../src/clients/references.ts';
import { interpolate, interpolationProblem } from '../../../src/config/interpolate.ts';

const SCOPE = {
  inputs: { 'gh-token': '', region: 'eu', odd: 'a}b' },
  workspace: '.',
  root: '/home/me/project',
  platform: 'linux' as const,
};
const PIECES = fc.oneof(fc.constantFrom('$', '{', '}', '${', '$${', '${X}', ':-', 'a', '\\'), fc.string());

it.each([
  ['shell', 'a ${X} b', 'a ${X} b'],
  ['shell', '${X:-d}', '${X:-d}'],
  ['shell', '$X ${env:X} ${a b}', '$X $${env:X} $${a b}'],
  ['gemini', '$X-${Y}', '${X}-${Y}'],
  ['gemini', '$1 $', '$1 $'],
  ['editor', 'Bearer ${env:X}', 'Bearer ${X:-}'],
  ['editor', '${input:gh-token} ${input:region} ${input:odd}', '${GH_TOKEN:-} ${REGION:-eu} ${ODD}'],
  ['editor', '${workspaceFolder}/a', './a'],
  ['editor', '${userHome}${/}x${pathSeparator}', '${HOME}/x/'],
  ['editor', '${workspaceFolderBasename}', 'project'],
  ['editor', '${command:x.y} ${X} $Y', '$${command:x.y} $${X} $Y'],
  ['none', '${X} $Y ${env:X}', '$${X} $Y $${env:X}'],
] as const)('%s: %s', (syntax, text, wanted) => {
  expect(configText(parseReferences(text, syntax, SCOPE))).toBe(wanted);
});

test('a default that a reference of ours could not hold is left out', () => {
  const scope = { ...SCOPE, inputs: { 'gh-token': 'x' } };
  expect(configText(parseReferences('${input:gh-token}', 'editor', scope))).toBe('${GH_TOKEN:-x}');
});

test('any literal text comes out of the config as it went in', () => {
  fc.assert(
    fc.property(fc.array(PIECES), (pieces) => {
      const text = pieces.join('');
      const written = configText(literal(text));
      expect(interpolationProblem(written)).toBeNull();
      expect(interpolate(written, () => 'never').value).toBe(text);
    }),
    { numRuns: 1000 },
  );
});

test('any mix of texts and variables means the same in the config', () => {
  const part = fc.oneof(
    PIECES.map((text) => ({ kind: 'text' as const, text })),
    fc.constantFrom('A', 'B').map((name) => ({ kind: 'variable' as const, name })),
    fc
      .record({ name: fc.constant('UNSET'), fallback: fc.constantFrom('', 'd', '$') })
      .map(({ name, fallback }) => {
        return { kind: 'variable' as const, name, fallback };
      }),
  );
  const values: Record<string, string> = { A: '1', B: '$' };
  const meaning = (template: Template) =>
    template
      .map((one) => (one.kind === 'text' ? one.text : (values[one.name] ?? one.fallback ?? '')))
      .join('');
  fc.assert(
    fc.property(fc.array(part), (template) => {
      const written = configText(template);
      expect(interpolationProblem(written)).toBeNull();
      expect(interpolate(written, (name) => values[name]).value).toBe(meaning(template));
    }),
    { numRuns: 1000 },
  );
});
