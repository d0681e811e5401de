import fc from 'fast-check';
import { idText, valueText } from './json-texts.ts';

/** Bodies of POSTs, from a little odd to nonsense. */

const METHODS = [
  'tools/list',
  'tools/call',
  'ping',
  'logging/setLevel',
  'resources/subscribe',
  'resources/unsubscribe',
  'resources/read',
  'completion/complete',
  'notifications/initialized',
  'notifications/cancelled',
  'notifications/progress',
  'notifications/roots/list_changed',
  'server/discover',
  'initialize',
  '__proto__',
  'constructor',
  '',
] as const;

const methodText = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...METHODS).map((method) => JSON.stringify(method)) },
  { weight: 1, arbitrary: valueText },
);
const anyId = fc.oneof({ weight: 4, arbitrary: idText }, { weight: 1, arbitrary: valueText });
const member = fc.oneof(
  { weight: 6, arbitrary: fc.constant('"jsonrpc":"2.0"') },
  { weight: 6, arbitrary: methodText.map((text) => `"method":${text}`) },
  { weight: 4, arbitrary: anyId.map((text) => `"id":${text}`) },
  { weight: 2, arbitrary: valueText.map((text) => `"params":${text}`) },
  { weight: 1, arbitrary: valueText.map((text) => `"result":${text}`) },
  { weight: 1, arbitrary: valueText.map((text) => `"error":${text}`) },
  { weight: 1, arbitrary: fc.constant('"jsonrpc":"1.0"') },
);
const almostMessage = fc.array(member, { maxLength: 6 }).map((members) => `{${members.join(',')}}`);

const call = (id: string, params: string) =>
  `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":${params}}`;
const params = fc.oneof(
  valueText,
  valueText.map((text) => `{"name":"echo","arguments":${text}}`),
  fc
    .tuple(valueText, valueText)
    .map(([name, token]) => `{"name":${name},"_meta":{"progressToken":${token}}}`),
);
export const validCall: fc.Arbitrary<string> = fc.tuple(idText, params).map(([id, text]) => call(id, text));

const batch = fc
  .array(fc.oneof(almostMessage, validCall, valueText), { maxLength: 8 })
  .map((all) => `[${all}]`);
const crowd = fc
  .integer({ min: 99, max: 300 })
  .map((count) => `[${Array(count).fill('{"jsonrpc":"2.0","method":"m"}')}]`);

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
const deep = fc
  .integer({ min: 100, max: 200_000 })
  .chain((depth) =>
    fc.constantFrom(
      nested(depth),
      '['.repeat(depth),
      call('1', `{"name":"echo","arguments":{"deep":${nested(depth)}}}`),
      `[${call('1', nested(depth))},${call('2', '{}')}]`,
      call(nested(depth), '{}'),
      `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{"sampling":${nested(depth)}},"clientInfo":{"name":"deep","version":"1"}}}`,
    ),
  );
const huge = fc
  .integer({ min: 1_000, max: 300_000 })
  .chain((length) =>
    fc.constantFrom(
      call(`"${'%€'.repeat(length / 2)}"`, '{}'),
      call('9'.repeat(length), '{}'),
      call(`"x"`, `{"name":"echo","_meta":{"progressToken":"${'t'.repeat(length)}"}}`),
      `{"jsonrpc":"2.0","id":1,"method":"${'m'.repeat(length)}"}`,
    ),
  );

const texts = fc.oneof(
  { weight: 3, arbitrary: almostMessage },
  { weight: 3, arbitrary: validCall },
  { weight: 2, arbitrary: batch },
  { weight: 2, arbitrary: valueText },
  { weight: 1, arbitrary: deep },
  { weight: 1, arbitrary: huge },
  { weight: 1, arbitrary: crowd },
);
const cut = fc.tuple(texts, fc.double({ min: 0, max: 1, noNaN: true })).map(([text, part]) => {
  return Buffer.from(text.slice(0, Math.floor(text.length * part)));
});
const noUtf8 = fc
  .tuple(texts, fc.uint8Array({ min: 0x80, minLength: 1, maxLength: 4 }), fc.nat())
  .map(([text, bytes, at]) => {
    const body = Buffer.from(text);
    const place = at % (body.length + 1);
    return Buffer.concat([body.subarray(0, place), bytes, body.subarray(place)]);
  });

export const body: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 6, arbitrary: texts.map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: cut },
  { weight: 1, arbitrary: noUtf8 },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
);
