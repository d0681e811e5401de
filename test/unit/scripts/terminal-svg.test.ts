import { expect, test } from 'vitest';
import { Terminal, terminalSvg, textOf } from '../../../scripts/terminal-svg.ts';

function shown(columns: number, text: string): string[] {
  const terminal = new Terminal(columns);
  terminal.write(text, 0);
  return terminal.lines.map(textOf);
}

test('a line that is written anew, spinners of npx, and lines longer than the terminal', () => {
  expect(shown(20, 'Waiting … 1 s\r\u001b[Kready\r\n')).toEqual(['ready']);
  expect(shown(20, '⠙\u001b[1G\u001b[0Kdone')).toEqual(['done']);
  expect(shown(4, 'abcd\r\nabcdef')).toEqual(['abcd', 'abcd', 'ef']);
});

test('what it does not know is an error, not a wrong picture', () => {
  expect(() => shown(20, '\u001b[2J')).toThrow('unknown control sequence');
  expect(() => shown(20, '\u001b[44m')).toThrow('unknown colour');
});

test('the picture has each word at its column, in its colour, at its time, and no markup of the text', () => {
  const terminal = new Terminal(40);
  terminal.write('\u001b[31merror\u001b[39m <a> &\r\n\r\n', 0);
  terminal.write('a    b', 1500);
  const svg = terminalSvg(terminal.lines, 40, 'a & b');
  expect(svg).toContain('<text x="16.0" y="47" textLength="42.0" class="red">error</text>');
  expect(svg).toContain('>&lt;a&gt; &amp;</text>');
  expect(svg).toMatch(/animation-delay:1\.50s"><text x="16\.0" y="87"[^>]*>a<\/text><text x="58\.0" y="87"/);
  expect(svg).toContain('<title>a &amp; b</title>');
});
