import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnswerInspector, inspected } from '../../../src/gateway/answer-inspector.ts';
import type { FailedCall } from '../../../src/model.ts';
import { idText, objectText, stringText, valueText } from '../../support/json-texts.ts';

/** Tells the same of every failure, and keeps what it was shown. */
class Notes implements AnswerInspector {
  readonly failures: (Omit<FailedCall, 'arguments'> & { arguments: unknown })[] = [];
  readonly successes: string[] = [];
  readonly #told: string | null;

  constructor(told: string | null) {
    this.#told = told;
  }

  failed(call: FailedCall): string | null {
    this.failures.push({ ...call, arguments: call.arguments() });
    return this.#told;
  }

  worked({ tool }: { tool: string }): void {
    this.successes.push(tool);
  }
}

const TOLD = 'the token lacks "event:write"\n€ 😀 \u2028';
const line = Buffer.from(
  '{"jsonrpc":"2.0","id":"k:1","method":"tools/call","params":{"name":"reads","arguments":{"a":1}}}',
);
const CALL = { method: 'tools/call', tool: 'reads', line };

interface Passing {
  readonly call?: Parameters<typeof inspected>[0];
  readonly isError?: boolean;
  readonly told?: string | null;
}

function pass(answer: string | Buffer, { call = CALL, isError = false, told = TOLD }: Passing = {}) {
  const notes = new Notes(told);
  const bytes = Buffer.from(answer as string);
  const out = inspected(call, bytes, isError, notes);
  return { notes, out, text: out.toString(), isSame: out === bytes };
}

/** Members of an object in any order, with white space wherever it may be. */
const written = (members: readonly string[]) =>
  fc.shuffledSubarray([...members], { minLength: members.length });

describe('an answer that says that it is an error', () => {
  const contentText = fc
    .array(fc.oneof(fc.constant('{"type":"text","text":"API error (403): no"}'), valueText), { maxLength: 4 })
    .chain((blocks) =>
      fc.constantFrom(`[${blocks.join(',')}]`, `[ ${blocks.join(' ,\\t').replaceAll('\\t', '\t')} ]`),
    );

  it('gets one more text, and not another byte changes', () => {
    const answers = fc
      .tuple(contentText, valueText, idText, fc.constantFrom('', ' ', '\t '))
      .chain(([content, more, id, space]) =>
        written([
          `"content":${space}${content}`,
          `"isError":${space}true`,
          `"_meta":${more}`,
          `"structuredContent":${more}${space}`,
        ]).chain((result) =>
          written([`"jsonrpc":"2.0"`, `"id":${id}`, `"result":${space}{${result.join(`,${space}`)}}`]).map(
            (members) => ({ answer: `{${space}${members.join(`${space},`)}}`, content }),
          ),
        ),
      );
    fc.assert(
      fc.property(answers, ({ answer, content }) => {
        const { out, text, notes } = pass(answer);
        const before = JSON.parse(answer);
        const after = JSON.parse(text);
        expect(after.result.content).toEqual([...before.result.content, { type: 'text', text: TOLD }]);
        expect({ ...after, result: { ...after.result, content: 0 } }).toEqual({
          ...before,
          result: { ...before.result, content: 0 },
        });
        // What was put in can be taken out again, and leaves every byte as it was.
        const block = `${JSON.parse(content).length === 0 ? '' : ','}${JSON.stringify({ type: 'text', text: TOLD })}`;
        const at = text.indexOf(block);
        expect(text.slice(0, at) + text.slice(at + block.length)).toBe(answer);
        expect(out.length).toBe(Buffer.byteLength(answer) + Buffer.byteLength(block));
        expect(notes.failures).toHaveLength(1);
        expect(notes.successes).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('passes in the same bytes where there is nothing to tell', () => {
    const answer = '{"jsonrpc":"2.0","id":1,"result":{"content":[],"isError":true}}';
    expect(pass(answer, { told: null }).isSame).toBe(true);
  });

  it('keeps bytes that are no UTF-8', () => {
    const [head, tail] = [
      '{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"',
      '"}],"isError":true}}',
    ];
    const broken = Buffer.concat([
      Buffer.from(head ?? ''),
      Buffer.from([0xff, 0xc3, 0x28, 0xa0, 0x85]),
      Buffer.from(tail ?? ''),
    ]);
    const { out } = pass(broken);
    const block = Buffer.from(`,${JSON.stringify({ type: 'text', text: TOLD })}`);
    const at = out.indexOf(block);
    expect(Buffer.concat([out.subarray(0, at), out.subarray(at + block.length)]).equals(broken)).toBe(true);
  });

  it('is shown with tool, arguments and all of its texts', () => {
    const content = [
      { type: 'text', text: 'one' },
      { type: 'image', data: '', mimeType: 'image/png' },
      { type: 'text', text: 'two' },
      { type: 'text', text: 7 },
      null,
    ];
    const { notes } = pass(JSON.stringify({ jsonrpc: '2.0', id: 1, result: { isError: true, content } }));
    expect(notes.failures).toEqual([{ tool: 'reads', arguments: { a: 1 }, code: null, text: 'one\ntwo' }]);
  });

  it.each([
    '{"isError":true}',
    '{"isError":true,"content":null}',
    '{"isError":true,"content":"API error (403): "}',
  ])('passes unchanged where there is no content to add to: %s', (result) => {
    const { isSame, notes } = pass(`{"jsonrpc":"2.0","id":1,"result":${result}}`);
    expect(isSame).toBe(true);
    expect(notes.failures).toMatchObject([{ text: '' }]);
  });

  it('has no arguments where the call was sent by the supervisor before', () => {
    const { notes } = pass('{"jsonrpc":"2.0","id":1,"result":{"isError":true,"content":[]}}', {
      call: { ...CALL, line: Buffer.alloc(0) },
    });
    expect(notes.failures).toMatchObject([{ tool: 'reads', arguments: undefined }]);
  });
});

describe('an answer that does not', () => {
  it('passes in the same bytes, whatever it holds', () => {
    const results = fc.oneof(
      objectText,
      stringText.map((text) => `{"content":[{"type":"text","text":${text}}]}`),
      fc.constantFrom(
        '{"content":[{"type":"text","text":"API error (403): no","isError":true}]}',
        '{"content":[{"type":"text","text":"\\"isError\\":true"}]}',
        '{"content":[],"isError":false}',
        '{"content":[],"isError":"true"}',
        '{"content":[],"isError":true,"isError":false}',
        '{"content":[],"structuredContent":{"isError":true}}',
        '[{"isError":true}]',
        'null',
      ),
    );
    fc.assert(
      fc.property(results, (result) => {
        const { isSame, notes } = pass(`{"jsonrpc":"2.0","id":1,"result":${result}}`);
        expect(isSame).toBe(true);
        expect(notes).toMatchObject({ failures: [], successes: ['reads'] });
      }),
      { numRuns: 500 },
    );
  });

  it('is not read where it is longer than an error can be', () => {
    const content = [{ type: 'text', text: 'x'.repeat(1024 * 1024) }];
    const answer = JSON.stringify({ jsonrpc: '2.0', id: 1, result: { content, isError: true } });
    const { isSame, notes } = pass(answer);
    expect(isSame).toBe(true);
    expect(notes).toMatchObject({ failures: [], successes: [] });
  });

  it('and was not one to a tool is not looked at', () => {
    const answer = '{"jsonrpc":"2.0","id":1,"result":{"content":[],"isError":true}}';
    for (const call of [
      { ...CALL, method: 'resources/read' },
      { ...CALL, tool: null },
    ]) {
      const { isSame, notes } = pass(answer, { call });
      expect(isSame).toBe(true);
      expect(notes).toMatchObject({ failures: [], successes: [] });
    }
  });
});

describe('an error of the protocol', () => {
  it('is shown with its code, and passes in the same bytes', () => {
    const answer =
      '{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"Tool reads not found","data":[]}}';
    const { isSame, notes } = pass(answer, { isError: true });
    expect(isSame).toBe(true);
    expect(notes.failures).toEqual([
      { tool: 'reads', arguments: { a: 1 }, code: -32602, text: 'Tool reads not found' },
    ]);
  });

  it.each(['null', '7', '{}', '{"code":"x"}', '{'])('that is none says nothing: %s', (error) => {
    const { isSame, notes } = pass(`{"jsonrpc":"2.0","id":1,"error":${error}}`, { isError: true });
    expect(isSame).toBe(true);
    expect(notes).toMatchObject({ failures: [], successes: [] });
  });
});

it('what is no JSON passes as it is', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '"isError"',
    ':true',
    '"result"',
    '"content"',
    ' ',
    '\\',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 20 }), (parts) => {
      const answer = `{"jsonrpc":"2.0","id":"1","result":{${parts.join('')}`;
      const { isSame, text } = pass(answer);
      if (isJson(answer)) expect(isJson(text)).toBe(true);
      else expect(isSame).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
