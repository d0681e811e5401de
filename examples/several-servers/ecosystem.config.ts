import { defineConfig } from 'mcp-supervisor';

export default defineConfig({
  servers: {
    // An installed package is run directly; otherwise npx fetches it.
    everything: { command: 'npx', args: ['-y', '@modelcontextprotocol/server-everything'] },
    // A server sees no more of .env than its `env` names.
    greeter: { command: 'node', args: ['greeter.mjs'], env: { GREETING: '${GREETING:-Hello}' } },
  },
});
