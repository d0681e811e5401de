import fc from 'fast-check';
import { parse, stringify } from 'smol-toml';
import { describe, expect, it, test } from 'vitest';
import { removeTable, setTable } from '../../../src/clients/toml-edit.ts';

const FILE = '/x/config.toml';
const ENTRY = { url: 'http://127.0.0.1:7420/own/mcp', bearer_token_env_var: 'T' };
const set = (text: string, entry: Record<string, unknown> = ENTRY) =>
  setTable(text, FILE, 'mcp_servers', 'own', entry);
const remove = (text: string) => removeTable(text, FILE, 'mcp_servers', 'own');

/** What is not a header although it looks like one. */
const TRICKY = `# [mcp_servers.own]
model = "o4" # [x]
text = """
[mcp_servers.own]
url = "not this"
"""
literal = '''
[mcp_servers.own]
'''
quotes = """a"""""
list = [
  "[mcp_servers.own]", # ]
  [1, 2],
]

[mcp_servers.other] # mine
command = "x"

# about profiles
[[profiles]]
name = "it's"
`;

describe('a table that is set', () => {
  it('goes to the end, and everything before it stays', () => {
    const after = set(TRICKY);
    expect(after).toBe(
      `${TRICKY}\n[mcp_servers.own]\nurl = "http://127.0.0.1:7420/own/mcp"\nbearer_token_env_var = "T"\n`,
    );
    expect(remove(after)).toBe(TRICKY);
  });

  it('takes the place of one that is there, with what is below it', () => {
    const text =
      '[mcp_servers.own]\ncommand = "x"\n\n[mcp_servers.own.env]\nA = "1"\n\n# about b\n[mcp_servers.b]\ncommand = "y"\n';
    expect(set(text, { url: 'u' })).toBe(
      '[mcp_servers.own]\nurl = "u"\n\n# about b\n[mcp_servers.b]\ncommand = "y"\n',
    );
  });

  it.each(['mcp_servers = { own = { command = "x" } }\n', 'mcp_servers.own.command = "x"\n', 'a = \n'])(
    'is refused where it would do damage: %s',
    (text) => {
      expect(() => set(text)).toThrow(expect.objectContaining({ code: 'files.unusable' }));
      if (text.startsWith('mcp')) expect(() => remove(text)).toThrow(/cannot be changed/);
    },
  );

  test('an error names the line, and quotes nothing', () => {
    expect(() => set('a = 1\ntoken = canary-abc\n')).toThrow(/config\.toml is no valid TOML: .* on line 2$/);
    expect(() => set('a = 1\ntoken = canary-abc\n')).not.toThrow(/canary/);
  });
});

test('whatever a file holds, what is set is read, the rest stays, and removing gives the bytes back', () => {
  const name = fc
    .string({ minLength: 1, maxLength: 8 })
    .filter((text) => !['__proto__', 'own'].includes(text));
  const text = fc
    .record({
      head: fc.constantFrom('', TRICKY, '# only a comment\n'),
      tables: fc.dictionary(name, fc.dictionary(name, fc.string({ unit: 'grapheme' }), { maxKeys: 3 }), {
        maxKeys: 3,
      }),
      tail: fc.constantFrom('', '# the end\n', '\n\n'),
      eol: fc.constantFrom('\n', '\r\n'),
    })
    .map(({ head, tables, tail, eol }) => {
      const body = head === TRICKY ? '' : stringify({ mcp_servers: tables, [`x${eol.length}`]: tables });
      return `${head}${body}${tail}`.replaceAll('\n', eol);
    });
  fc.assert(
    fc.property(text, fc.dictionary(name, fc.string(), { minKeys: 1, maxKeys: 3 }), (before, entry) => {
      const after = set(before, entry);
      const { mcp_servers: servers = {}, ...others } = parse(before);
      expect(parse(after)).toEqual({ ...others, mcp_servers: { ...(servers as object), own: entry } });
      expect(remove(after)).toBe(before === '' || before.endsWith('\n') ? before : `${before}\n`);
    }),
    { numRuns: 300 },
  );
});
