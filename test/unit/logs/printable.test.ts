import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable, printableText } from '../../../src/logs/printable.ts';

const ESC = '\u001b';

describe('printable', () => {
  it.each([
    ['plain text, ünïcödé 🙂\ttab', 'plain text, ünïcödé 🙂\ttab'],
    [`${ESC}[1;38;5;196mred${ESC}[0m`, `${ESC}[1;38;5;196mred${ESC}[0m`],
    [`${ESC}[31mleft on`, `${ESC}[31mleft on${ESC}[0m`],
    [`${ESC}[31mred${ESC}[m`, `${ESC}[31mred${ESC}[m`],
    [`a${ESC}[2J${ESC}[1;1Hb`, 'ab'],
    [`${ESC}[6n${ESC}[?1049h${ESC}[>4;2m`, ''],
    [`${ESC}]0;title\u0007x`, 'x'],
    [`${ESC}]52;c;cm0gLXJm${ESC}\\x`, 'x'],
    [`${ESC}]8;;http://evil.test${ESC}\\link${ESC}]8;;${ESC}\\`, 'link'],
    [`x${ESC}]0;never ended`, 'x'],
    [`${ESC}P+q544e${ESC}\\x`, 'x'],
    ['\u009b2Jx\u009d0;t\u009cy', 'xy'],
    ['10%\r100%\u0008\u0007\u0000\n', '10%100%'],
    [`${ESC}c${ESC}(0${ESC}=x`, 'x'],
    [`${ESC}${ESC}[2Jx`, 'x'],
    ['\u202edesrever\u202c', 'desrever'],
  ])('%j', (line, expected) => {
    expect(printable(line)).toBe(expected);
  });

  it('leaves nothing that a terminal obeys but colours', () => {
    const unit = fc.constantFrom(
      ESC,
      '[',
      ']',
      'm',
      '3',
      ';',
      '\\',
      '\u0007',
      '\u009b',
      '\u009c',
      'P',
      'x',
      '\r',
      '?',
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 30 }), (line) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: it is about them.
        const withoutColours = printable(line).replace(/\u001b\[[\d;:]*m/g, '');
        // biome-ignore lint/suspicious/noControlCharactersInRegex: it is about them.
        expect(withoutColours).not.toMatch(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/);
      }),
      { numRuns: 2_000 },
    );
  });
});

it('printableText keeps the lines, and makes each of them printable', () => {
  expect(printableText(`a${ESC}[2J\r\n${ESC}[31mb\n\nc`)).toBe(`a\n${ESC}[31mb${ESC}[0m\n\nc`);
});
