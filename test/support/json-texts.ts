import fc from 'fast-check';

/** JSON as it may be written: with white space, escapes, numbers and twin keys that a value does not keep. */

const space = fc.constantFrom('', '', '', ' ', '\t', '\n', '\r\n  ');

const escaped = fc.constantFrom(
  '\\"',
  '\\\\',
  '\\/',
  '\\b',
  '\\n',
  '\\u0041',
  '\\u00e9',
  '\\ud83d\\ude00',
  '\\ud800',
  '\\u0000',
);
const plain = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 1 })
  .filter((character) => character >= ' ' && character !== '"' && character !== '\\');
const tricky = fc.constantFrom('.', '%', '%22', '{', '}', '[', ']', ',', ':', '€', '😀', '\u2028', "'");
const stringPart = fc.oneof(plain, tricky, escaped);

export const stringText: fc.Arbitrary<string> = fc
  .array(stringPart, { maxLength: 8 })
  .map((parts) => `"${parts.join('')}"`);

/** Also such as no double can hold. */
export const numberText: fc.Arbitrary<string> = fc.oneof(
  fc.integer().map(String),
  fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }).map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.constantFrom('0', '-0', '1.0', '1e3', '1E+2', '-2.50e-1', '9007199254740993', '1e400'),
);

/** What JSON-RPC allows a client as an id or a progress token. */
export const idText: fc.Arbitrary<string> = fc.oneof(stringText, numberText);

const KEYS = ['id', 'params', '_meta', 'progressToken', 'result', '__proto__', ''] as const;
export const someKey = fc.constantFrom(...KEYS);
const keyText = fc.oneof(
  { weight: 4, arbitrary: someKey.map((key) => JSON.stringify(key)) },
  { weight: 1, arbitrary: fc.constantFrom('"\\u0069d"', '"par\\u0061ms"', '"\\"id\\""') },
  { weight: 1, arbitrary: stringText },
);

const list = (open: string, items: fc.Arbitrary<string>, close: string) =>
  fc
    .tuple(fc.array(fc.tuple(space, items, space), { maxLength: 5 }), space)
    .map(([parts, inside]) => `${open}${inside}${parts.map((part) => part.join('')).join(',')}${close}`);

const texts = fc.letrec<{ value: string; object: string; array: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(fc.constantFrom('null', 'true', 'false'), stringText, numberText),
    tie('object'),
    tie('array'),
  ),
  object: list(
    '{',
    fc.tuple(keyText, space, space, tie('value')).map(([key, before, after, value]) => {
      return `${key}${before}:${after}${value}`;
    }),
    '}',
  ),
  array: list('[', tie('value'), ']'),
}));

export const valueText = texts.value;
export const objectText = texts.object;
export const arrayText = texts.array;
