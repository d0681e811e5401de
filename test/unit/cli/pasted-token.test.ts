import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { parsePastedToken, readPastedToken } from '../../../src/cli/pasted-token.ts';
import { SupervisorError } from '../../../src/errors.ts';

const TOKEN = 'sntryu_canary0123456789';

/** What is wrong with it: a usage error that quotes nothing. */
async function problemOf(parse: () => unknown): Promise<string> {
  try {
    await parse();
  } catch (error) {
    if (!(error instanceof SupervisorError)) throw error;
    expect(error.code).toBe('usage.invalid');
    expect(error.message + error.hint).not.toMatch(/canary|CANARY/);
    return error.message;
  }
  throw new Error('it was taken');
}

describe('what was pasted is the token', () => {
  it.each([
    TOKEN,
    `${TOKEN}\n`,
    `${TOKEN}\r\n\r\n`,
    `\ufeff ${TOKEN}\t`,
    `"${TOKEN}"`,
    `'${TOKEN}'\n`,
    `\`${TOKEN}\``,
    `" '${TOKEN}' "`,
  ])('alone: %j', (text) => {
    expect(parsePastedToken(text, undefined)).toEqual({ variable: null, value: TOKEN });
  });

  it.each([
    `SENTRY_AUTH_TOKEN=${TOKEN}\n`,
    `SENTRY_AUTH_TOKEN="${TOKEN}"`,
    `SENTRY_AUTH_TOKEN = '${TOKEN}'`,
    `export SENTRY_AUTH_TOKEN=${TOKEN}`,
    `"SENTRY_AUTH_TOKEN=${TOKEN}"`,
    `$env:SENTRY_AUTH_TOKEN = "${TOKEN}"`,
    `$Env:SENTRY_AUTH_TOKEN='${TOKEN}';`,
    `set SENTRY_AUTH_TOKEN=${TOKEN}`,
    `SET "SENTRY_AUTH_TOKEN=${TOKEN}"`,
  ])('in its line: %j', (text) => {
    expect(parsePastedToken(text, undefined)).toEqual({ variable: 'SENTRY_AUTH_TOKEN', value: TOKEN });
  });

  it.each([`key=${TOKEN}`, `export key=${TOKEN}`])('in the line of a name in small letters: %j', (text) => {
    expect(parsePastedToken(text, 'key')).toEqual({ variable: 'key', value: TOKEN });
  });

  it('in the line of the expected variable in small letters, which is not sent for a token', async () => {
    expect(await parsePastedToken(`sentry_auth_token=${TOKEN}`, undefined)).toEqual({
      variable: 'sentry_auth_token',
      value: TOKEN,
    });
  });

  it.each(['sntrys_eyJjYW5hcnki=_canary', 'key=canary', 'CANARY==', 'a.b=c', '"a=b', '=x'])(
    'with a = in it, or a quote: %j',
    (text) => {
      expect(parsePastedToken(text, undefined)).toEqual({ variable: null, value: text });
    },
  );
});

describe('what was pasted is no token', () => {
  it.each([
    ['', 'There is no token on stdin'],
    [' \n\r\n', 'There is no token on stdin'],
    ['""', 'There is no token on stdin'],
    ['CANARY=', 'There is no token on stdin'],
    ["CANARY=''\n", 'There is no token on stdin'],
    [`${TOKEN}\n${TOKEN}\n`, 'There is more than one line on stdin'],
    [`A=1\rSENTRY_AUTH_TOKEN=${TOKEN}`, 'There is more than one line on stdin'],
    [`"${TOKEN}\n"x`, 'There is more than one line on stdin'],
    [`Bearer ${TOKEN}`, 'What is on stdin has a space in it'],
    [`CANARY=${TOKEN} # mine`, 'What is on stdin has a space in it'],
    [`setx CANARY "${TOKEN}"`, 'What is on stdin has a space in it'],
  ])('%j', async (text, problem) => {
    expect(await problemOf(() => parsePastedToken(text, undefined))).toBe(problem);
  });
});

describe('stdin', () => {
  const { signal } = new AbortController();

  it('may come in pieces, that split a character', async () => {
    const [a, b] = [Buffer.from('canary\u2014').subarray(0, 7), Buffer.from('canary\u2014').subarray(7)];
    expect(await readPastedToken(Readable.from([a, b]), undefined, signal)).toMatchObject({
      value: 'canary\u2014',
    });
  });

  it('may be as long as a header can be', async () => {
    const most = 'x'.repeat(16 * 1024);
    expect((await readPastedToken(Readable.from([most]), undefined, signal)).value).toBe(most);
  });

  it('is read no further than that, also where it never ends', async () => {
    let pieces = 0;
    const endless = Readable.from(
      (function* () {
        for (;;) {
          pieces += 1;
          yield Buffer.alloc(1024, 'canary');
        }
      })(),
    );
    expect(await problemOf(() => readPastedToken(endless, undefined, signal))).toBe(
      'There are more than 16 KiB on stdin',
    );
    expect(endless.destroyed).toBe(true);
    expect(pieces).toBeLessThan(40);
  });

  it('is waited for until somebody interrupts', async () => {
    const silent = new Readable({ read() {} });
    const interrupt = new AbortController();
    const reading = readPastedToken(silent, undefined, interrupt.signal);
    interrupt.abort();
    await expect(reading).rejects.toThrow(/abort/i);
    expect(silent.destroyed).toBe(true);
  });
});
