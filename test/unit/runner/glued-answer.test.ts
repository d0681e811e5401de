import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GluedAnswer } from '../../../src/runner/glued-answer.ts';

let delivered: string[];
let glued: GluedAnswer;
beforeEach(() => {
  vi.useFakeTimers();
  delivered = [];
  glued = new GluedAnswer((answer) => void delivered.push(answer.toString()));
});
afterEach(() => void vi.useRealTimers());

const ANSWERS = [
  '{"jsonrpc":"2.0","id":"k3x9.1","result":{"text":"{\\"jsonrpc\\":1}"}}',
  '{"result":{"content":[]},"jsonrpc":"2.0","id":"k3x9.1"}',
  '{"error":{"code":-1,"message":"no"},"jsonrpc":"2.0","id":"k3x9.1"}',
];
const seek = (text: string) => glued.seek(Buffer.from(text));
const follows = (text: string) => glued.before(Buffer.from(text));

describe('pitfall "a response glued to a noise prefix on one stdout line is lost"', () => {
  it.each(ANSWERS)('%s is delivered when the next message is another one', (answer) => {
    seek(`Loading… 100%${answer}`);
    expect(delivered).toEqual([]);
    follows('{"jsonrpc":"2.0","id":"k3x9.2","result":{}}');
    expect(delivered).toEqual([answer]);
    vi.runAllTimers();
    expect(delivered).toHaveLength(1);
  });

  it.each(ANSWERS)('%s is delivered when nothing follows', (answer) => {
    seek(`Loading… ${answer}`);
    vi.runAllTimers();
    expect(delivered).toEqual([answer]);
  });

  it.each(ANSWERS)('%s is not where it was only a log of the answer that follows', (answer) => {
    seek(`-> ${answer}`);
    follows(answer);
    vi.runAllTimers();
    expect(delivered).toEqual([]);
  });

  it('the last words of a child count', () => {
    seek(`Loading… ${ANSWERS[0]}`);
    glued.release();
    expect(delivered).toEqual([ANSWERS[0]]);
  });

  it.each([
    'Loading…',
    'received {"jsonrpc":"2.0","id":"k3x9.1","method":"tools/call"}',
    'received {"jsonrpc":"2.0","id":0,"result":{}}',
    '-> {"jsonrpc":"2.0","id":"k3x9.1","result":{}} in 3 ms',
    '-> {"jsonrpc":"2.0","id":"k3x9.1","result":{"cut":…}',
    '{"level":"info","msg":"sent {\\"jsonrpc\\":\\"2.0\\",\\"id\\":\\"k3x9.1\\",\\"result\\":{}}"}',
    '{"status":"ok"}',
  ])('%s is log and nothing else', (line) => {
    seek(line);
    vi.runAllTimers();
    expect(delivered).toEqual([]);
  });
});
