import { expect, it } from 'vitest';
import type { LogRecord, LogRule } from '../../../src/model.ts';
import { findings, ruleFrom } from '../../../src/warnings/rules.ts';

const record = (line: string): LogRecord => ({
  time: '2026-01-01T00:00:00.000Z',
  server: 'a',
  generation: 1,
  stream: 'stderr',
  level: 'error',
  line,
});

const quota: LogRule = {
  pattern: /quota of (?<name>\w+) used up(?: until (?<until>\S+))?/,
  code: 'my.quota',
  severity: 'warning',
  message: '$<name> is used up until $<until>; $<unknown> and $1 stay',
  hint: 'Wait for $<until>.',
};

it('fills named groups in, and takes what matched as the subject', () => {
  expect(ruleFrom(quota).match(record('! quota of mail used up until noon.'))).toEqual({
    code: 'my.quota',
    severity: 'warning',
    subject: 'quota of mail used up until noon.',
    message: 'mail is used up until noon.; $<unknown> and $1 stay',
    hint: 'Wait for noon..',
  });
});

it('fills a group that took no part with nothing', () => {
  const found = ruleFrom({ ...quota, subject: '$<name>' }).match(record('quota of mail used up'));
  expect(found).toMatchObject({ subject: 'mail', hint: 'Wait for .' });
});

it('says null where nothing matches', () => {
  expect(ruleFrom(quota).match(record('all is well'))).toBeNull();
});

it('matches every line alike, although a sticky or global pattern would remember the last one', () => {
  const rule = ruleFrom({ ...quota, pattern: /quota/gy });
  expect([rule.match(record('quota')), rule.match(record('quota'))]).not.toContain(null);
});

it('keeps subjects short', () => {
  const rule = ruleFrom({ ...quota, pattern: /.+/ });
  expect(rule.match(record('x'.repeat(5000)))?.subject).toHaveLength(200);
});

it('collects what several rules find in one line', () => {
  const rules = [
    ruleFrom(quota),
    ruleFrom({ ...quota, code: 'my.other' }),
    ruleFrom({ ...quota, pattern: /no/ }),
  ];
  expect(findings(rules, record('quota of mail used up')).map(({ code }) => code)).toEqual([
    'my.quota',
    'my.other',
  ]);
});
