import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { elementsOf, locate, onOneLine, replaceSpan } from '../../../src/gateway/message-text.ts';
import { arrayText, objectText, someKey, valueText } from '../../support/json-texts.ts';

const path = fc.array(someKey, { maxLength: 3 });
const RUNS = { numRuns: 1_000 };

/** Undefined where the path leads nowhere: it is a path of object keys. */
function valueAt(value: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return value;
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject || !Object.hasOwn(value, key)) return undefined;
  return valueAt((value as Record<string, unknown>)[key], rest);
}

const same = (a: unknown, b: unknown) => expect(JSON.stringify(a)).toBe(JSON.stringify(b));

describe('locate', () => {
  it('finds what a parser finds at a path, and nothing where it finds nothing', () => {
    fc.assert(
      fc.property(objectText, path, (text, keys) => {
        const span = locate(text, keys);
        const expected = valueAt(JSON.parse(text), keys);
        if (expected === undefined) expect(span).toBeNull();
        else same(JSON.parse(text.slice(span?.start, span?.end)), expected);
      }),
      RUNS,
    );
  });

  it('leaves the white space around a value out', () => {
    fc.assert(
      fc.property(objectText, path, (text, keys) => {
        const span = locate(text, keys);
        if (span === null || keys.length === 0) return;
        const found = text.slice(span.start, span.end);
        expect(found).toBe(found.trim());
      }),
      RUNS,
    );
  });
});

describe('replaceSpan', () => {
  it('changes the value at the path, and not a character of anything else', () => {
    fc.assert(
      fc.property(objectText, path, valueText, (text, keys, replacement) => {
        const span = locate(text, keys);
        if (span === null) return;
        const changed = replaceSpan(text, span, replacement);
        same(valueAt(JSON.parse(changed), keys), JSON.parse(replacement));
        expect(changed.startsWith(text.slice(0, span.start))).toBe(true);
        expect(changed.endsWith(text.slice(span.end))).toBe(true);
        expect(changed).toHaveLength(text.length - (span.end - span.start) + replacement.length);
      }),
      RUNS,
    );
  });
});

describe('elementsOf', () => {
  it('finds each element of an array, and nothing around it', () => {
    fc.assert(
      fc.property(arrayText, (text) => {
        const found = elementsOf(text).map(({ start, end }) => text.slice(start, end));
        same(
          found.map((element) => JSON.parse(element)),
          JSON.parse(text),
        );
        expect(found).toEqual(found.map((element) => element.trim()));
      }),
      RUNS,
    );
  });
});

describe('onOneLine', () => {
  it('takes line breaks out, and changes no value', () => {
    fc.assert(
      fc.property(valueText, (text) => {
        const line = onOneLine(text);
        expect(line).not.toMatch(/[\r\n\u2028\u2029]/);
        same(JSON.parse(line), JSON.parse(text));
      }),
      RUNS,
    );
  });

  it("escapes what Node's readline takes for the end of a line", () => {
    expect(onOneLine('{"a":"1\u20282\u20293"}')).toBe('{"a":"1\\u20282\\u20293"}');
  });
});
