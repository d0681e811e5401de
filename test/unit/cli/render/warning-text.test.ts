import { expect, it } from 'vitest';
import { warningText } from '../../../../src/cli/render/warning-text.ts';
import type { Warning } from '../../../../src/model.ts';
import { plain, warningRow } from './statuses.ts';

const text = (...rows: Partial<Warning>[]) => warningText(rows.map(warningRow), plain);

it('says what is wrong with which server, and what to do', () => {
  expect(text({})).toBe('warning my.rule mail: Something is wrong.\n  → Do something.\n');
  expect(text({ severity: 'error', server: null, hint: '' })).toBe(
    'error my.rule project: Something is wrong.\n',
  );
  expect(text({}, { code: 'my.other' }).split('\n')).toHaveLength(5);
  expect(text()).toBe('');
});

it('counts instead of repeating, and tells what is over', () => {
  expect(text({ count: 7 })).toContain('wrong. (7 times, last 2026-01-02T00:00:00.000Z)\n');
  expect(text({ state: 'resolved' })).toContain('wrong. (resolved)\n');
});

it('lets what it quotes of a server do nothing to the terminal', () => {
  const nasty = 'for example: \u001b]0;title\u0007\u001b[2J\u001b[1;1Hx\r';
  expect(text({ message: nasty, hint: nasty })).toBe(
    'warning my.rule mail: for example: x\n  → for example: x\n',
  );
});

it('keeps the lines of a message that has several', () => {
  expect(text({ message: 'two problems:\n  one\n  two' })).toContain('mail: two problems:\n  one\n  two\n');
});
