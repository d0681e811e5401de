import { describe, expect, it } from 'vitest';
import { errorJson, errorText, exitCodeOf } from '../../../../src/cli/render/error-text.ts';
import { SupervisorError } from '../../../../src/errors.ts';
import { plain } from './statuses.ts';

const known = new SupervisorError('server.unknown', 'There is no such server', 'It has: a, b.', {
  cause: new Error('the cause is for the log'),
});

describe('an error of ours', () => {
  it('is what happened, and what to do about it', () => {
    expect(errorText(known, plain)).toBe(
      'error server.unknown: There is no such server\n  → It has: a, b.\n',
    );
    expect(exitCodeOf(known)).toBe(3);
  });

  it('is the same for scripts, in one line', () => {
    expect(errorJson(known)).toBe(
      '{"error":{"code":"server.unknown","message":"There is no such server","hint":"It has: a, b.",' +
        '"docs":"docs/errors.md#server.unknown"}}\n',
    );
  });

  it('does nothing to the terminal with what it quotes', () => {
    const error = new SupervisorError(
      'config.invalid',
      'two:\n  \u001b[2Jone\n  two\r',
      '\u001b]0;x\u0007hint',
    );
    expect(errorText(error, plain)).toBe('error config.invalid: two:\n  one\n  two\n  → hint\n');
  });
});

describe('any other error', () => {
  it('is a bug, and is shown with its stack', () => {
    expect(errorText(new TypeError('oops'), plain)).toMatch(
      /^error supervisor\.internal: TypeError: oops\n {4}at [\s\S]*\n {2}→ Please report this\.\n$/,
    );
    expect(JSON.parse(errorJson(new TypeError('oops')))).toMatchObject({
      error: { code: 'supervisor.internal', message: 'TypeError: oops' },
    });
    expect(exitCodeOf(new TypeError('oops'))).toBe(1);
  });

  it.each([
    ['text', 'text'],
    [null, 'null'],
    [undefined, 'undefined'],
  ])('also one that is no Error: %j', (thrown, what) => {
    expect(errorText(thrown, plain)).toBe(`error supervisor.internal: ${what}\n  → Please report this.\n`);
    expect(exitCodeOf(thrown)).toBe(1);
  });
});

it.each(['EACCES', 'EROFS', 'ENOSPC', 'ENOTDIR'])('%s is about a file, and no bug of ours', (code) => {
  const message = `${code}: no, open '/x'`;
  const error = Object.assign(new Error(message), { code, path: '/x' });
  expect(errorText(error, plain)).toMatch(
    new RegExp(`^error files\\.unusable: ${code}: no, open '/x'\\n {2}→ Check `),
  );
  expect(JSON.parse(errorJson(error)).error).toMatchObject({ code: 'files.unusable', message });
  // A socket that refuses is something else.
  expect(errorText(Object.assign(new Error('no'), { code }), plain)).toContain('supervisor.internal');
});
