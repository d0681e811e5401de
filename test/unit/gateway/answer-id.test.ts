import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerId } from '../../../src/gateway/answer-id.ts';
import { routeId } from '../../../src/gateway/route-id.ts';
import { idText, valueText } from '../../support/json-texts.ts';

const RUNS = { numRuns: 1_000 };
/** What looks like the end or the beginning of an answer, where it is none. */
const decoy = fc.constantFrom(
  '",\\"jsonrpc\\":\\"2.0\\",\\"id\\":\\"x\\"}"',
  '{"jsonrpc":"2.0","id":"decoy","result":1}',
  '{"result":1,"jsonrpc":"2.0","id":"decoy"}',
  '[{"result":1,"jsonrpc":"2.0","id":"decoy"}]',
  '{"jsonrpc":"2.0","result":1,"id":"decoy"}',
);
const payload = fc.oneof(valueText, decoy);
const ownId = fc
  .tuple(fc.stringMatching(/^[0-9a-f]{10}$/), idText)
  .map(([sessionKey, rawId]) => JSON.stringify(routeId({ sessionKey, rawId })));
const body = fc.tuple(fc.constantFrom('result', 'error'), payload).map(([key, value]) => `"${key}":${value}`);

const members = fc.oneof(
  fc.tuple(body, idText).map(([answer, id]) => [answer, '"jsonrpc":"2.0"', `"id":${id}`]),
  fc.tuple(body, ownId).map(([answer, id]) => [answer, '"jsonrpc":"2.0"', `"id":${id}`]),
  fc.tuple(payload, idText).map(([params, id]) => ['"method":"m"', `"params":${params}`, `"id":${id}`]),
  fc.tuple(body).map(([answer]) => [answer, '"jsonrpc":"2.0"']),
);
const anyOrder = members.chain((all) => fc.shuffledSubarray(all, { minLength: all.length }));

describe('answerId', () => {
  it('knows every answer as servers write them', () => {
    fc.assert(
      fc.property(ownId, body, fc.nat(2), (id, answer, order) => {
        const line = Buffer.from(
          [
            `{"jsonrpc":"2.0","id":${id},${answer}}`,
            `{${answer},"jsonrpc":"2.0","id":${id}}`,
            `{"jsonrpc":"2.0",${answer},"id":${id}}`,
          ][order] as string,
        );
        // Longer ids than an edge are left to a parser.
        if (id.length > 400) return;
        expect(answerId(line)).toMatchObject({ id: JSON.parse(id), failed: answer.startsWith('"error"') });
      }),
      RUNS,
    );
  });

  it('never says another id than a parser does, and says where it stands to the byte', () => {
    fc.assert(
      fc.property(anyOrder, valueText, (parts, other) => {
        const text = `{${parts.join(',')}}`;
        const line = Buffer.from(text);
        const found = answerId(line);
        if (found === null) return;
        expect(found.id).toBe(JSON.parse(text).id);
        const quoted = line.subarray(found.start, found.end).toString();
        expect(JSON.parse(quoted)).toBe(found.id);
        const swapped = Buffer.concat([
          line.subarray(0, found.start),
          Buffer.from(other),
          line.subarray(found.end),
        ]);
        const expected = { ...JSON.parse(text), id: JSON.parse(other) };
        expect(JSON.stringify(JSON.parse(swapped.toString()))).toBe(JSON.stringify(expected));
      }),
      RUNS,
    );
  });
});
