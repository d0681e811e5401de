import { expect, it } from 'vitest';
import type { Warning } from '../../../src/model.ts';
import { type ChangeKind, payload } from '../../../src/webhook/payload.ts';
import { row } from './rows.ts';

const bodyOf = (kind: ChangeKind, given: Partial<Warning> = {}, redact = (text: string) => text) =>
  JSON.parse(payload({ kind, row: row('my.code', given) }, 'shop', redact));

it('is the row, with what happened, where, and a text', () => {
  expect(bodyOf('raised')).toEqual({
    ...row('my.code'),
    event: 'raised',
    project: 'shop',
    text: '[shop] warning my.code mail: my.code is wrong.\n→ Mend it.',
  });
});

it('says what is over in one line', () => {
  const { event, text } = bodyOf('resolved', { server: null, state: 'resolved' });
  expect([event, text]).toEqual(['resolved', '[shop] resolved: my.code project: my.code is wrong.']);
  expect(bodyOf('raised', { hint: '' }).text).toBe('[shop] warning my.code mail: my.code is wrong.');
});

it('has at most two lines, of a length that can be read', () => {
  const { text, message } = bodyOf('raised', { message: `two:\n  one\r\n  ${'x'.repeat(5_000)}😀` });
  const [first = '', ...others] = text.split('\n');
  expect(first).toMatch(/^\[shop\] warning my\.code mail: two: one x+…$/);
  expect(first.length).toBeLessThanOrEqual(3_001);
  expect(others).toEqual(['→ Mend it.']);
  expect(message).toContain('two:\n  one\r\n');
});

it('cuts no character in two', () => {
  for (const filler of ['x', 'xx']) {
    const { text } = bodyOf('raised', { message: `${filler}${'😀'.repeat(3_000)}` });
    expect(text.isWellFormed()).toBe(true);
  }
});

it('means nothing to Slack but text', () => {
  const { text } = bodyOf('raised', { message: '<!channel> & <https://x|y>', hint: 'TOKEN=<token>' });
  expect(text).toBe(
    '[shop] warning my.code mail: &lt;!channel&gt; &amp; &lt;https://x|y&gt;\n→ TOKEN=&lt;token&gt;',
  );
});

it('shows no secret that became known after the row was made, in whatever spelling', () => {
  const secret = 'a&b<c>secret';
  const given = { message: `is ${secret}`, hint: `not ${secret}`, subject: secret };
  const body = bodyOf('raised', given, (text) => text.replaceAll(secret, '[redacted]'));
  expect(JSON.stringify(body)).not.toContain('secret"');
  expect(JSON.stringify(body)).not.toContain('c&gt;secret');
  expect(body).toMatchObject({ message: 'is [redacted]', hint: 'not [redacted]', subject: '[redacted]' });
});
