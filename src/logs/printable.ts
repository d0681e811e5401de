/**
 * What makes a terminal do more than show text, by ECMA-48, each also in its one-character C1 form:
 * - strings (OSC, DCS, PM, APC, SOS) up to their end, which may be missing: titles, clipboard, links;
 * - CSI sequences: the cursor, clearing, modes, reports that are typed back as if by the user;
 * - other escapes, and all control characters but the tab;
 * - Unicode's bidirectional overrides, which show a line in another order than it has.
 */
const CONTROL = new RegExp(
  [
    '(?:\\u001b[\\]PX^_]|[\\u0090\\u0098\\u009d-\\u009f])[^\\u0007\\u001b\\u009c]*(?:\\u0007|\\u001b\\\\|\\u009c|$)?',
    '(?:\\u001b\\[|\\u009b)[0-?]*[ -/]*[@-~]',
    '\\u001b[ -/]*[0-~]',
    '[\\u0000-\\u0008\\u000a-\\u001f\\u007f-\\u009f]',
    '[\\u202a-\\u202e\\u2066-\\u2069]',
  ].join('|'),
  'g',
);

/** Colours and weights: the one kind of sequence that is kept. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is about them.
const COLOUR = /^\u001b\[[\d;:]*m$/;
const RESET = '\u001b[0m';

/** A text of several lines, each of them made printable. */
export function printableText(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** A server's line, fit for a terminal: it keeps its colours, and nothing else that a terminal obeys. */
export function printable(line: string): string {
  let lastColour = RESET;
  const text = line.replace(CONTROL, (sequence) => {
    if (!COLOUR.test(sequence)) return '';
    lastColour = sequence;
    return sequence;
  });
  // A colour left on, or "concealed", would go on in the lines of others.
  return lastColour === RESET || lastColour === '\u001b[m' ? text : text + RESET;
}
