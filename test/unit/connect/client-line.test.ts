import { describe, expect, it } from 'vitest';
import { isAnswer, memberText, readClientLine, withId } from '../../../src/connect/client-line.ts';

const read = (text: string) =>
  readClientLine(Buffer.from(text))?.map(({ bytes, ...rest }) => ({ text: bytes.toString(), ...rest }));

describe('readClientLine', () => {
  it.each([
    ['{"jsonrpc":"2.0","id":7,"method":"ping"}', 'ping', '7'],
    ['{"jsonrpc":"2.0","id":"ü\u{1F600}","method":"x/y"}', 'x/y', '"ü\u{1F600}"'],
    ['{"params":{"id":1,"method":"no"},"id":0,"method":"yes"}', 'yes', '0'],
    ['{"jsonrpc":"2.0","method":"notifications/x"}', 'notifications/x', null],
    ['{"jsonrpc":"2.0","id":1,"result":{"method":"no"}}', null, '1'],
    ['{ "id" : 12345678901234567890 , "method" : "m" }', 'm', '12345678901234567890'],
  ])('%s', (text, method, rawId) => expect(read(text)).toEqual([{ text, method, rawId }]));

  it('leaves white space before a message out', () => {
    expect(read(' \t{"method":"m"}')).toEqual([{ text: '{"method":"m"}', method: 'm', rawId: null }]);
  });

  it('takes a batch apart', () => {
    expect(read('[{"id":1,"method":"a"},{"method":"b"}]')).toMatchObject([
      { method: 'a', rawId: '1' },
      { method: 'b', rawId: null },
    ]);
    expect(read('[]')).toEqual([]);
  });

  it.each(['garbage', '"text"', '1', 'null', '[{', '   '])('%j is no message', (text) => {
    expect(read(text)).toBeUndefined();
  });
});

describe('what stands in a message', () => {
  it('is found and exchanged by bytes, whatever characters come before it', () => {
    const bytes = Buffer.from('{"name":"\u{1F600}é","id":"ü","params":{"requestId":"ß"}}');
    expect(memberText(bytes, ['params', 'requestId'])).toBe('"ß"');
    expect(memberText(bytes, ['params', 'other'])).toBeNull();
    expect(withId(bytes, '"new"').toString()).toBe(
      '{"name":"\u{1F600}é","id":"new","params":{"requestId":"ß"}}',
    );
  });

  it('tells an answer from what else comes on a stream', () => {
    expect(isAnswer(Buffer.from('{"result":{"method":"x"},"jsonrpc":"2.0","id":1}'))).toBe(true);
    expect(isAnswer(Buffer.from('{"jsonrpc":"2.0","id":1,"error":{}}'))).toBe(true);
    expect(isAnswer(Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ping"}'))).toBe(false);
  });
});
