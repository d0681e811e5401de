import { describe, expect, it } from 'vitest';
import { isRpcMessage } from '../../../src/gateway/rpc.ts';

const jsonrpc = '2.0';

describe('isRpcMessage', () => {
  it.each([
    { jsonrpc, id: 1, method: 'm' },
    { jsonrpc, id: 0, method: 'm', params: {} },
    { jsonrpc, id: '', method: 'm' },
    { jsonrpc, id: -1.5, method: 'm' },
    { jsonrpc, method: 'm' },
    { jsonrpc, id: 1, result: null },
    { jsonrpc, id: null, error: { code: 1, message: '' } },
    { jsonrpc, error: { code: 1, message: '' } },
  ])('takes %j', (value) => expect(isRpcMessage(value)).toBe(true));

  it.each([
    null,
    1,
    'text',
    [],
    {},
    { jsonrpc },
    { jsonrpc, id: 1 },
    { jsonrpc: '1.0', id: 1, method: 'm' },
    { jsonrpc: 2, id: 1, method: 'm' },
    { jsonrpc, id: null, method: 'm' },
    { jsonrpc, id: true, method: 'm' },
    { jsonrpc, id: {}, method: 'm' },
    { jsonrpc, id: [1], method: 'm' },
    { jsonrpc, id: 1, method: 7 },
    { jsonrpc, id: 1, method: null },
    { jsonrpc, id: {}, result: {} },
  ])('refuses %j', (value) => expect(isRpcMessage(value)).toBe(false));
});
