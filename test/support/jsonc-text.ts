import fc from 'fast-check';

/**
 * JSON with comments, trailing commas and a layout of its own, as people leave it. `servers` is in it with at
 * least one entry, never `own`; so that nothing has to be guessed of how an empty object was written.
 */
export function jsoncText(): fc.Arbitrary<string> {
  return fc
    .record({
      entries: fc.uniqueArray(
        fc.tuple(
          fc.string({ maxLength: 8 }).filter((name) => !['own', '__proto__', 'a', 'b'].includes(name)),
          fc.jsonValue({ maxDepth: 2 }).filter((value) => !JSON.stringify(value).includes('__proto__')),
          trivia(),
        ),
        { minLength: 1, maxLength: 4, selector: ([name]) => name },
      ),
      before: trivia(),
      after: trivia(),
      trailing: fc.boolean(),
      inline: fc.boolean(),
      eol: fc.constantFrom('\n', '\r\n'),
      unit: fc.constantFrom('  ', '    ', '\t'),
      bom: fc.constantFrom('', '\uFEFF'),
    })
    .map(({ entries, before, after, trailing, inline, eol, unit, bom }) => {
      const gap = (depth: number) => (inline ? ' ' : `${eol}${unit.repeat(depth)}`);
      const members = entries.map(([name, value, comment], index) => {
        const comma = index < entries.length - 1 || trailing ? ',' : '';
        return `${gap(2)}${JSON.stringify(name)}: ${JSON.stringify(value)}${comma}${comment.replaceAll('\n', eol)}`;
      });
      const text = [
        ...[bom, before, '{', gap(1), '"a": [1, {}],', gap(1), '"servers": {', ...members, gap(1), '},'],
        ...[gap(1), '"b": "x"', gap(0), '}', after],
      ].join('');
      return text.replaceAll(/\r?\n/g, eol);
    });
}

function trivia(): fc.Arbitrary<string> {
  return fc.constantFrom('', '', ' ', ' // c, "x": }\n', ' /* { */', '\n\n', ' /* a\n b */ ');
}
