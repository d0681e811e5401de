import { describe, expect, it } from 'vitest';
import type { AnswerInspector } from '../../../src/gateway/answer-inspector.ts';
import { HttpSession } from '../../support/mcp-http.ts';
import { OpenGateway } from '../../support/open-gateway.ts';
import { until } from '../../support/until.ts';

const TOOLS = [{ name: 'reads', annotations: { readOnlyHint: true } }, { name: 'adds' }];

/** Tells each client which call it took the failure for. */
function inspection() {
  const seen: string[] = [];
  const inspector: AnswerInspector = {
    failed: (call) => {
      const what = `${call.tool} ${JSON.stringify(call.arguments())}: ${call.text}`;
      seen.push(what);
      return what;
    },
    worked: ({ tool }) => seen.push(`${tool} worked`),
  };
  /** Leaves calls unanswered. */
  const script = { tools: TOOLS, inspector, answers: { 'tools/call': () => undefined } };
  return { seen, script };
}

const failure = (text: string) => ({ content: [{ type: 'text', text }], isError: true });
const textsOf = (answer: { result?: { content: { text: string }[] } }) =>
  answer.result?.content.map(({ text }) => text);

describe('an answer that fails', () => {
  it('is told to the client that asked, with what it asked for', async () => {
    await using gateway = await OpenGateway.start();
    const { seen, script } = inspection();
    const child = gateway.serve(script);
    const [one, two] = [await HttpSession.begin(gateway), await HttpSession.begin(gateway)];
    const first = one.call('adds', { n: 1 }, 'same');
    const second = two.call('reads', { n: 2 }, 'same');
    const [a, b] = [await child.request('tools/call'), await child.request('tools/call', 1)];
    for (const { id, params } of [b, a]) {
      child.say({ id, result: failure(`no ${(params as { name: string }).name}`) });
    }
    expect(textsOf(await first)).toEqual(['no adds', 'adds {"n":1}: no adds']);
    expect(textsOf(await second)).toEqual(['no reads', 'reads {"n":2}: no reads']);
    expect(seen).toHaveLength(2);
  });

  it('also in a batch, in any order of members, and beside one that works', async () => {
    await using gateway = await OpenGateway.start();
    const { seen, script } = inspection();
    const child = gateway.serve(script);
    const session = await HttpSession.begin(gateway);
    const call = (id: number, name: string) => ({
      id,
      method: 'tools/call',
      params: { name, arguments: { id } },
    });
    const reply = await session.post([call(1, 'adds'), call(2, 'reads'), call(3, 'adds')]);
    const ids = [0, 1, 2].map(async (at) => (await child.request('tools/call', at)).id);
    const [one, two, three] = await Promise.all(ids);
    const answers = [
      { id: two, jsonrpc: '2.0', result: { isError: true, content: [] } },
      { result: failure('no'), id: one, jsonrpc: '2.0' },
      { jsonrpc: '2.0', id: three, result: { content: [] } },
    ];
    child.say(JSON.stringify(answers));
    const by = async (id: number) => textsOf(await reply.message(`${id}`, (message) => message['id'] === id));
    expect(await by(1)).toEqual(['no', 'adds {"id":1}: no']);
    expect(await by(2)).toEqual(['reads {"id":2}: ']);
    expect(await by(3)).toEqual([]);
    expect(seen.toSorted()).toEqual(['adds worked', 'adds {"id":1}: no', 'reads {"id":2}: '].toSorted());
  });

  it('also at the end of an event stream', async () => {
    await using gateway = await OpenGateway.start();
    const { script } = inspection();
    const child = gateway.serve(script);
    const session = await HttpSession.begin(gateway);
    const posting = session.post({ id: 7, method: 'tools/call', params: { name: 'adds', arguments: {} } });
    const { id } = await child.request('tools/call');
    child.say({ method: 'notifications/message', params: { level: 'error', data: 'on the way' } });
    const reply = await posting;
    child.say({ id, result: failure('no') });
    const answer = await reply.message('the answer', (message) => message['id'] === 7);
    expect(reply.response.headers['content-type']).toBe('text/event-stream');
    expect(textsOf(answer)).toEqual(['no', 'adds {}: no']);
  });

  it('also of a call that was sent again, to the child that came after', async () => {
    await using gateway = await OpenGateway.start();
    const { seen, script } = inspection();
    const old = gateway.serve(script);
    const session = await HttpSession.begin(gateway);
    const call = session.call('reads', { n: 1 });
    await old.request('tools/call');
    await old.exit(1);
    const next = gateway.serve(script);
    next.say({ id: (await next.request('tools/call')).id, result: failure('no') });
    expect(textsOf(await call)).toEqual(['no', 'reads {"n":1}: no']);
    expect(seen).toHaveLength(1);
  });

  it('of a child that has been replaced passes: it tells nothing of the settings in force', async () => {
    await using gateway = await OpenGateway.start();
    const { seen, script } = inspection();
    const old = gateway.serve(script);
    const session = await HttpSession.begin(gateway);
    const call = session.call('adds');
    const { id } = await old.request('tools/call');
    gateway.serve(script);
    old.say({ id, result: failure('no') });
    expect(textsOf(await call)).toEqual(['no']);
    expect(seen).toEqual([]);
  });

  it('to a call that nobody knows any more passes', async () => {
    await using gateway = await OpenGateway.start();
    const { seen, script } = inspection();
    const child = gateway.serve(script);
    const session = await HttpSession.begin(gateway);
    const gone = session.post({ id: 'gone', method: 'tools/call', params: { name: 'adds' } });
    const { id } = await child.request('tools/call');
    await session.notify('notifications/cancelled', { requestId: 'gone' });
    await until('it is over', () => gateway.endpoint.callCount === 0);
    child.say({ id, result: failure('no') });
    expect((await gone).messages).toEqual([]);
    expect(seen).toEqual([]);
  });
});

it('a word more does not reach the answers of other methods', async () => {
  await using gateway = await OpenGateway.start();
  const { seen, script } = inspection();
  gateway.serve({ ...script, answers: { 'prompts/get': () => failure('no') } });
  const session = await HttpSession.begin(gateway);
  expect(textsOf(await session.request('prompts/get', { name: 'adds' }))).toEqual(['no']);
  expect(seen).toEqual([]);
});
