import fc from 'fast-check';
import { parse } from 'jsonc-parser';
import { describe, expect, it, test } from 'vitest';
import { appendItem, removeItem, removeMember, setMember } from '../../../src/clients/jsonc-edit.ts';
import { jsonValue } from '../../../src/clients/jsonc-text.ts';
import { jsoncText } from '../../support/jsonc-text.ts';

const FILE = '/x/mcp.json';
const read = (text: string) => parse(text.replace(/^\uFEFF/, ''), [], { allowTrailingComma: true });
const set = (text: string, value: unknown = { url: 'u' }) => setMember(text, FILE, ['servers'], 'own', value);
const remove = (text: string, prune = false) => removeMember(text, FILE, ['servers'], 'own', prune);

describe('a member that is set', () => {
  it('goes behind its siblings, and comments keep their place', () => {
    const text = `{
  // before
  "servers": {
    "a": { "command": "x" } // of a
    // at the end
  },
  "other": 1 /* last */
}
`;
    expect(set(text)).toBe(`{
  // before
  "servers": {
    "a": { "command": "x" }, // of a
    "own": {
      "url": "u"
    }
    // at the end
  },
  "other": 1 /* last */
}
`);
  });

  it.each([
    [
      'a trailing comma',
      '{\n\t"servers": {\n\t\t"a": 1, // c\n\t},\n}',
      '{\n\t"servers": {\n\t\t"a": 1, // c\n\t\t"own": 2,\n\t},\n}',
    ],
    ['one line', '{"servers": {"a": 1}}', '{"servers": {"a": 1, "own": 2}}'],
    ['one line with a trailing comma', '{"servers": {"a": 1,}}', '{"servers": {"a": 1, "own": 2,}}'],
    ['an empty object', '{\n    "servers": {}\n}', '{\n    "servers": {\n        "own": 2\n    }\n}'],
    [
      'nothing but a comment',
      '{\n  "servers": { // none\n  }\n}',
      '{\n  "servers": { // none\n    "own": 2\n  }\n}',
    ],
    ['no key yet', '{\n  "a": 1\n}', '{\n  "a": 1,\n  "servers": {\n    "own": 2\n  }\n}'],
    [
      'Windows line breaks',
      '{\r\n  "servers": {\r\n    "a": 1\r\n  }\r\n}',
      '{\r\n  "servers": {\r\n    "a": 1,\r\n    "own": 2\r\n  }\r\n}',
    ],
    ['a byte order mark', '\uFEFF{"servers": {}}', '\uFEFF{"servers": {\n  "own": 2\n}}'],
    ['an empty file', '', '{\n  "servers": {\n    "own": 2\n  }\n}\n'],
    ['a file with a comment only', '// mine\n', '// mine\n{\n  "servers": {\n    "own": 2\n  }\n}\n'],
    [
      'an entry of that name',
      '{\n  "servers": {\n    "own": {"x": 1}, // c\n    "b": 2\n  }\n}',
      '{\n  "servers": {\n    "own": 2, // c\n    "b": 2\n  }\n}',
    ],
  ])('fits into %s', (_, text, wanted) => {
    expect(set(text, 2)).toBe(wanted);
  });

  it('is left as it is written where it says the same', () => {
    const text = '{"servers": {"own": {"url" : "u", } /* c */}}';
    expect(set(text)).toBe(text);
    expect(set(text, 2)).toBe('{"servers": {"own": 2 /* c */}}');
  });

  it.each(['{', '{"servers": }', '[1]', '{"servers": []}', '"x"'])('is refused by %s', (text) => {
    expect(() => set(text)).toThrow(expect.objectContaining({ code: 'files.unusable' }));
  });

  test('an error names the line, and quotes nothing', () => {
    expect(() => set('{\n  "token": canary-abc\n}')).toThrow(/mcp\.json is no valid JSON: \w+ on line 2$/);
  });
});

describe('a member that is removed', () => {
  it.each([
    ['the only one', '{"servers": {"own": 1}}', '{"servers": {}}'],
    ['the first', '{"servers": {\n  "own": 1,\n  "a": 2\n}}', '{"servers": {\n  "a": 2\n}}'],
    ['the last', '{"servers": {\n  "a": 2, // c\n  "own": 1\n}}', '{"servers": {\n  "a": 2 // c\n}}'],
    [
      'the last with a trailing comma',
      '{"servers": {\n  "a": 2,\n  "own": 1,\n}}',
      '{"servers": {\n  "a": 2,\n}}',
    ],
    ['one behind a comment', '{"servers": {\n  // c\n  "own": 1}}', '{"servers": {\n  // c\n  }}'],
    ['one before a comment', '{"servers": {\n  "own": 1\n  // c\n}}', '{"servers": {\n  // c\n}}'],
  ])('%s', (_, text, wanted) => {
    expect(remove(text)).toBe(wanted);
    expect(read(wanted)).toBeDefined();
  });

  it('takes what is empty then along, if told to', () => {
    expect(remove('{\n  "a": 1,\n  "servers": {\n    "own": 1\n  }\n}', true)).toBe('{\n  "a": 1\n}');
    expect(remove('{\n  "a": 1,\n  "servers": {\n    "own": 1,\n    "b": 2\n  }\n}', true)).toContain('"b"');
  });
});

test('items go into lists and out again', () => {
  const text = '{\n  "inputs": [\n    { "id": "a" }\n  ]\n}';
  const added = appendItem(text, FILE, ['inputs'], { id: 'own' });
  expect(read(added).inputs).toEqual([{ id: 'a' }, { id: 'own' }]);
  const isOwn = (item: Parameters<typeof jsonValue>[0]) => (jsonValue(item) as { id: string }).id === 'own';
  expect(removeItem(added, FILE, ['inputs'], isOwn)).toBe(text);
  expect(read(appendItem('{}', FILE, ['tasks'], 1))).toEqual({ tasks: [1] });
});

/** jsonc-parser itself does not read `__proto__`. */
const plainValue = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('__proto__'));

test('whatever a file looks like, what is set is read, the rest stays, and removing gives the bytes back', () => {
  fc.assert(
    fc.property(jsoncText(), plainValue, (text, value) => {
      const before = read(text);
      const after = set(text, value);
      expect(read(after)).toEqual({
        ...before,
        servers: { ...before.servers, own: JSON.parse(JSON.stringify(value)) },
      });
      expect(remove(after)).toBe(text);
    }),
    { numRuns: 500 },
  );
});

it('items that go into an empty list one after the other are laid out alike, whatever was between its brackets', () => {
  const text = '{\n  // keep\n  "tasks": [ /* none */ ]\n}\n';
  const two = [{ a: 1 }, { b: 2 }].reduce((all, item) => appendItem(all, FILE, ['tasks'], item), text);
  expect(two).toBe(`{
  // keep
  "tasks": [ /* none */
    {
      "a": 1
    },
    {
      "b": 2
    }
  ]
}
`);
});
