import { afterEach, describe, expect, it } from 'vitest';
import { Stage } from './stage.ts';

const stages: Stage[] = [];
const open = () => {
  const stage = new Stage();
  stages.push(stage);
  return stage;
};
afterEach(() => {
  for (const stage of stages.splice(0)) stage.close();
});

const request = (id: number, method: string, params: object = {}) => ({ jsonrpc: '2.0', id, method, params });
const written = () => new Promise((resolve) => setImmediate(resolve));

describe('an endpoint whose clients share a child', () => {
  it('keeps a hello that is hidden in a batch from the child', async () => {
    const stage = open();
    const child = stage.serve();
    const { session } = stage.greet();
    const batch = [request(1, 'initialize', { protocolVersion: '2025-11-25' }), request(2, 'tools/list')];
    const posted = stage.post(session, JSON.stringify(batch));
    expect(child.lines.map((line) => JSON.parse(line).method)).toEqual(['tools/list']);
    await written();
    expect(posted.messages.map((text) => JSON.parse(text))).toMatchObject([
      { id: 1, error: { code: -32600 } },
    ]);
  });

  it('sets the most verbose level that a client wants, and leaves one that is none for the child to refuse', () => {
    const stage = open();
    const child = stage.serve();
    const sessions = [stage.greet(), stage.greet(), stage.greet()];
    for (const [at, level] of ['info', 'error', 'shout'].entries()) {
      const asked = JSON.stringify(request(at, 'logging/setLevel', { level }));
      stage.post(sessions[at]?.session ?? (sessions[0] as never), asked);
    }
    expect(child.lines.map((line) => JSON.parse(line).params.level)).toEqual(['info', 'info', 'shout']);
  });

  it('brings what is no message of a child to nobody', async () => {
    const stage = open();
    const child = stage.serve();
    const { standalone } = stage.greet();
    for (const line of ['{"jsonrpc":"2.0"}', '{"jsonrpc":"2.0","method":7}', '{"jsonrpc":"2.0",]}']) {
      child.say(line);
    }
    child.say('{"jsonrpc":"2.0","id":{"a":1},"method":"roots/list"}');
    child.say('[{"jsonrpc":"2.0","method":"notifications/x"},{"jsonrpc":"2.0","id":[]}]');
    await written();
    expect(standalone.messages).toEqual(['{"jsonrpc":"2.0","method":"notifications/x"}']);
    expect(child.reports).toEqual(
      Array.from({ length: 5 }, () => expect.objectContaining({ kind: 'noise' })),
    );
    expect(child.lines).toEqual([]);
  });

  it.each(['{"jsonrpc":"2.0","id":ID,"result":"xxx', '{"result":"xxx xxx","jsonrpc":"2.0","id":ID}'])(
    'tells whoever waits for an answer that was too long: %s',
    async (edges) => {
      const stage = open();
      const child = stage.serve();
      const { session } = stage.greet();
      const posted = stage.post(session, JSON.stringify(request(7, 'tools/list')));
      const id = JSON.stringify(JSON.parse(child.lines[0] ?? '').id);
      const report = { kind: 'oversize', bytes: 70_000_000, edges: edges.replace('ID', id) } as const;
      child.incarnation.onReport({ ...report, stream: 'stderr' });
      await written();
      expect(posted.messages).toEqual([]);
      child.incarnation.onReport({ ...report, stream: 'stdout' });
      await written();
      expect(JSON.parse(posted.messages[0] ?? '')).toMatchObject({
        id: 7,
        error: { message: expect.stringContaining('70000000 bytes') },
      });
    },
  );

  it('takes a method that objects know for one that it does not', async () => {
    const stage = open();
    const child = stage.serve();
    const { standalone } = stage.greet();
    const asked = ['constructor', '__proto__', 'toString'];
    for (const [id, method] of asked.entries()) child.say(JSON.stringify(request(id, method)));
    await written();
    expect(standalone.messages.map((text) => JSON.parse(text).method)).toEqual(asked);
  });
});
