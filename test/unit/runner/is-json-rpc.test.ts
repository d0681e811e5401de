import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isJsonRpc } from '../../../src/runner/is-json-rpc.ts';

const is = (line: string) => isJsonRpc(Buffer.from(line));

/** What it means, at the cost of parsing everything. */
function parsed(line: string): boolean {
  const version = (value: unknown) => (value as { jsonrpc?: unknown } | null)?.jsonrpc === '2.0';
  try {
    const value: unknown = JSON.parse(line);
    return Array.isArray(value) ? value.length > 0 && value.every(version) : version(value);
  } catch {
    return false;
  }
}

const key = fc.oneof(fc.constantFrom('jsonrpc', 'id', 'result', 'method'), fc.string());
const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('2.0', '1.0', '"jsonrpc":"2.0",', ',"jsonrpc":"2.0","id":1}', 1, null),
    fc.string(),
    fc.integer(),
    fc.dictionary(key, tie('any'), { maxKeys: 4 }),
    fc.array(tie('any'), { maxLength: 3 }),
  ),
})).any;
const message = fc.dictionary(key, value, { maxKeys: 4 });
const versioned = message.map((body) => ({ ...body, jsonrpc: '2.0' }));

describe('isJsonRpc', () => {
  it('agrees with a parser about every JSON text', () => {
    fc.assert(
      fc.property(
        fc.oneof(value, message, versioned, fc.array(versioned, { maxLength: 3 })),
        fc.nat(2),
        (json, indent) => {
          const line = JSON.stringify(json, null, indent).replaceAll('\n', ' ');
          expect(is(line)).toBe(parsed(line));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('takes messages as SDKs write them, the version first or last, in a batch or indented', () => {
    for (const line of [
      '{"jsonrpc":"2.0","id":1,"result":{}}',
      '{"result":{"content":[]},"jsonrpc":"2.0","id":"a-1"}',
      '{ "id": 0, "jsonrpc": "2.0", "method": "ping" }',
      '[{"jsonrpc":"2.0","method":"a"},{"jsonrpc":"2.0","method":"b"}]',
      '  {"jsonrpc":"2.0","method":"indented"}\t',
    ]) {
      expect(is(line), line).toBe(true);
    }
  });

  it('takes everything else for log', () => {
    for (const line of [
      '',
      ' ',
      'Listening on port 3000',
      '{"level":"info","msg":"valid JSON"}',
      '{"id":1,"result":{}}',
      '{"jsonrpc":"1.0","id":1}',
      '{"msg":"it said {\\"jsonrpc\\":\\"2.0\\",\\"id\\":1}"}',
      '[]',
      '[{"jsonrpc":"2.0"},1]',
      'null',
      'DEBUG {"jsonrpc":"2.0","id":1,"result":{}}',
      '{"jsonrpc":"2.0","id":1,"result":{"cut":"sho',
      '{"about":{"x":1,"jsonrpc":"2.0","id":"1"},"more":"text"}',
    ]) {
      expect(is(line), line).toBe(false);
    }
  });
});
