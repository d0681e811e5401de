import { defineConfig, sentry } from 'mcp-supervisor';

export default defineConfig({
  servers: {
    // Needs SENTRY_AUTH_TOKEN in .env. Asks for event:write and project:write besides the read scopes;
    // `addScopes: []` makes it read-only.
    sentry: sentry({ version: '0.39.0' }),
    everything: { command: 'npx', args: ['-y', '@modelcontextprotocol/server-everything'] },
  },
});
