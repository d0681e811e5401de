import { describe, expect, it } from 'vitest';
import { answerInitialize } from '../../../src/gateway/initialize.ts';

const handshake = {
  initialize: {
    protocolVersion: '2025-11-25',
    capabilities: { tools: {}, experimental: { kept: true } },
    serverInfo: { name: 'server', version: '1.0.0', title: 'kept' },
    instructions: 'kept',
  },
  tools: [],
};
const hello = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'c', version: '1' } };

describe('answerInitialize', () => {
  it('answers with all that the child said, in the revision that this client asks for', () => {
    const { initialize } = handshake;
    const capabilities = { ...initialize.capabilities, logging: {} };
    const result = { ...initialize, protocolVersion: '2025-06-18', capabilities };
    expect(answerInitialize(handshake, hello)).toEqual({ client: 'c 1', capabilities: {}, result });
  });

  it('declares logging as the child does, and in its own name where the child does not', () => {
    const loud = { ...handshake.initialize, capabilities: { logging: { own: true } } };
    const greeting = answerInitialize({ ...handshake, initialize: loud }, hello);
    expect(greeting?.result.capabilities).toEqual({ logging: { own: true } });
  });

  it('offers the newest revision to a client that asks for one that we do not know', () => {
    const greeting = answerInitialize(handshake, { ...hello, protocolVersion: '1999-01-01' });
    expect(greeting?.result.protocolVersion).toBe('2025-11-25');
  });

  it.each([undefined, null, [], {}, { protocolVersion: 1 }, { ...hello, capabilities: 1 }])(
    'refuses %j',
    (params) => expect(answerInitialize(handshake, params)).toBeNull(),
  );

  it('keeps of a client only what is ever asked for, however much it says', () => {
    const depths = 100_000;
    const deep = JSON.parse(`${'['.repeat(depths)}${']'.repeat(depths)}`) as unknown;
    const capabilities = { sampling: { deep }, experimental: { deep }, elicitation: {}, constructor: {} };
    const clientInfo = { name: 'x'.repeat(1_000_000), version: '1' };
    const greeting = answerInitialize(handshake, { ...hello, capabilities, clientInfo });
    // What could not be written down would keep all sessions from being written down.
    expect(JSON.stringify(greeting?.capabilities)).toBe('{"sampling":{},"elicitation":{}}');
    expect(greeting?.client.length).toBeLessThanOrEqual(100);
  });
});
