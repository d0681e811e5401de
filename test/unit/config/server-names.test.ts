import { expect, it } from 'vitest';
import { serverNamesIn } from '../../../src/config/server-names.ts';

it('finds the servers of a config in TypeScript', () => {
  const text = `import { defineConfig, sentry } from 'mcp-supervisor';
// servers: { commented: {} }
const port = Number(process.env.PORT ?? '7420');
export default defineConfig({
  envFiles: ['.env'], /* servers: { out: 1 } */
  gateway: { port, "note": "servers: { text: {} }" },
  servers: {
    sentry: sentry({ version: '0.39.0', env: { inner: 'x' } }), // it's { here
    'git-hub': { command: 'npx', args: ['-y', \`a \${b} "c": {\`], logRules: [{ match: /can't/ }] },
    "web": make({ deep: { deeper: 1 } }),
    ...others,
    [computed]: {}, short,
    'no name': {}, supervisor: {},
  },
  warnings: { webhook: {} },
});`;
  expect(serverNamesIn(text)).toEqual(['sentry', 'git-hub', 'web']);
});

it.each([
  [
    '{"gateway":{"port":0},"servers":{"a":{"command":"x","env":{"servers":"y"}},"b_2":{}},"c":{}}',
    ['a', 'b_2'],
  ],
  ['{ "servers": {} }', []],
  ['{ "servers": { "a": { "command": "x" }', ['a']],
  ['export default servers', []],
  ['', []],
])('%s', (text, names) => {
  expect(serverNamesIn(text)).toEqual(names);
});
