import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { parseQuestionId, type Question, questionId } from '../../../src/gateway/question-id.ts';
import { idText } from '../../support/json-texts.ts';
import { HttpSession } from '../../support/mcp-http.ts';
import { OpenGateway } from '../../support/open-gateway.ts';
import type { ScriptedChild } from '../../support/scripted-child.ts';

const gateways: OpenGateway[] = [];
afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway[Symbol.asyncDispose]();
});

async function open(options: Parameters<typeof OpenGateway.start>[0] = {}): Promise<OpenGateway> {
  const gateway = await OpenGateway.start(options);
  gateways.push(gateway);
  return gateway;
}

/** A client is asked by a child; then there is another supervisor, which knows the session. */
async function askedBefore() {
  const first = await open();
  const child = first.serve();
  const session = await HttpSession.begin(first, { capabilities: { sampling: {} } });
  const stream = await session.listen();
  child.say({ id: 0, method: 'sampling/createMessage', params: {} });
  const { id } = await stream.message('the question', ({ method }) => method === 'sampling/createMessage');
  stream.close();
  const sessions = first.endpoint.sessions.all().map(({ record }) => record);
  const next = await open({ sessions });
  const { app } = child.incarnation;
  return { id, app, next, session: session.at(next) };
}

/** What a child was answered. */
const answers = (child: ScriptedChild) => child.messages.filter(({ method }) => method === undefined);
const TAKEN = [{ jsonrpc: '2.0', id: 0, result: { of: 'the client' } }];

describe('a question of the supervisor before this one', () => {
  it('is answered to the child that asked, under the id that it knows', async () => {
    const { id, app, next, session } = await askedBefore();
    const child = next.serve({ inherited: { app, taken: 3 } });
    await session.answer(id, { of: 'the client' });
    expect(answers(child)).toEqual(TAKEN);
  });

  it('is answered also before it is clear which child serves', async () => {
    const { id, app, next, session } = await askedBefore();
    await session.answer(id, { of: 'the client' });
    expect(answers(next.serve({ inherited: { app, taken: 3 } }))).toEqual(TAKEN);
    expect(answers(next.serve({ inherited: { app, taken: 3 } }))).toEqual([]);
  });

  it('is not answered to another child, nor to the next one of the same runner', async () => {
    const { id, app, next, session } = await askedBefore();
    await session.answer(id, { of: 'the client' });
    const strange = next.serve({ inherited: { app: `${app}0`, taken: 3 } });
    await session.answer(id, { of: 'the client' });
    const later = next.serve({ inherited: { app, taken: 0 } });
    await session.answer(id, { of: 'the client' });
    expect([...answers(strange), ...answers(later)]).toEqual([]);
  });

  it('is not answered by another session, nor with an id that is made up', async () => {
    const { id, app, next, session } = await askedBefore();
    const child = next.serve({ inherited: { app, taken: 3 } });
    const other = await HttpSession.begin(next);
    await other.answer(id, { of: 'another' });
    for (const strange of [`${id}:1`, 'ask:a:1:b:c', `ask:a:1:${session.id.slice(0, 10)}:${app}:%zz`, 0]) {
      await session.answer(strange, { of: 'nobody' });
    }
    expect(answers(child)).toEqual([]);
  });
});

it('two questions under one id, as of two children of a runner, are two: each answer goes to who asked', async () => {
  const gateway = await open();
  const inherited = { app: 'scripted@1', taken: 0 };
  const first = gateway.serve({ inherited });
  const session = await HttpSession.begin(gateway, { capabilities: { sampling: {} } });
  const stream = await session.listen();
  const children = [first, gateway.serve({ inherited })];
  for (const child of children) child.say({ id: 0, method: 'sampling/createMessage', params: {} });
  await stream.message('the second', ({ method }) => method !== undefined && stream.messages.length === 2);
  for (const [index, { id }] of stream.messages.entries()) await session.answer(id, { of: index });
  expect(children.map(answers)).toEqual([0, 1].map((of) => [{ jsonrpc: '2.0', id: 0, result: { of } }]));
  stream.close();
});

describe('questionId', () => {
  const question: fc.Arbitrary<Question> = fc.record({
    supervisor: fc.stringMatching(/^[0-9a-f]{8}$/),
    number: fc.nat(),
    sessionKey: fc.stringMatching(/^[0-9a-f]{10}$/),
    app: fc.stringMatching(/^[a-z][a-z0-9._-]{0,20}@\d{1,3}$/),
    rawId: idText,
  });

  it('leads back to the child and its id, to the letter, and needs no escape in JSON', () => {
    fc.assert(
      fc.property(question, (asked) => {
        const id = questionId(asked);
        expect(parseQuestionId(id)).toEqual(asked);
        expect(JSON.stringify(id)).toBe(`"${id}"`);
      }),
    );
  });

  it('is taken apart whatever a client makes up', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (id) => {
        if (!id.startsWith('ask:')) expect(parseQuestionId(id)).toBeNull();
      }),
    );
  });
});
