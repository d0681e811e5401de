import { describe, expect, it } from 'vitest';
import { findPasted } from '../../../src/doctor/pasted-secrets.ts';

const TOKEN = 'sntryu_0123456789abcdef';
const SHORT = 'aZ3kd9Qw';
const secrets = new Map([
  [TOKEN, 'the value of A'],
  [SHORT, 'the value of B'],
]);

const keyOf = (text: string) => findPasted(text, secrets)[0]?.key;

describe('findPasted', () => {
  it.each([
    [`"T": "${TOKEN}"`, 'T'],
    [`T = '${TOKEN}'`, 'T'],
    [`T=${TOKEN}`, 'T'],
    [`"args": ["-y", "--access-token=${TOKEN}"]`, 'access-token'],
    [`"args": ["--access-token", "${TOKEN}"]`, null],
    [`"Authorization": "Bearer ${TOKEN}"`, 'Authorization'],
    [`{"a": 1, "mcp.x": {"K": "${TOKEN}`, 'K'],
    [`"url": "https://x/?token=${TOKEN}"`, 'token'],
    [`token: "${TOKEN}"`, 'token'],
    [TOKEN, null],
  ])('%s: key %s', (text, key) => expect(keyOf(text)).toBe(key));

  it('says the line, and which one it is', () => {
    expect(
      findPasted(`{\r\n\n"a": "${SHORT}",\n"T": "${TOKEN}",\n"U": "sntrys_other_0123456789"`, secrets),
    ).toEqual([
      { line: 3, key: 'a', what: 'the value of B' },
      { line: 4, key: 'T', what: 'the value of A' },
      { line: 5, key: 'U', what: 'a Sentry token' },
    ]);
  });

  it('a short one counts only where it stands alone', () => {
    expect(findPasted(`x${SHORT} ${SHORT}y ${SHORT}-`, secrets)).toHaveLength(1);
  });

  it('the old kind of token shows by the word before it', () => {
    const hex = '0123456789abcdef'.repeat(4);
    expect(findPasted(`"SENTRY_ACCESS_TOKEN": "${hex}"`, new Map())).toHaveLength(1);
    expect(findPasted(`"sha256": "${hex}"`, new Map())).toEqual([]);
  });

  it('placeholders and references are none', () => {
    const text =
      '"T": "sntryu_xxxxxxxxxxxx", "U": "${SENTRY_AUTH_TOKEN}", "V": "Bearer ${T}", "W": "Bearer abcdefghijkl"';
    expect(findPasted(text, secrets)).toEqual([]);
  });

  it('a file of one endless line takes no endless time', () => {
    const text = `${'"a":['.repeat(500_000)}"${TOKEN}"`;
    expect(findPasted(text, secrets)).toHaveLength(1);
  });
});
