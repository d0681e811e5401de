import { defineConfig, sentry } from 'mcp-supervisor';

export default defineConfig({
  servers: {
    // For agents that run unattended.
    sentry: sentry({ version: '0.39.0', addScopes: [] }),
    // The default: event:write and project:write as well.
    'sentry-dev': sentry({ version: '0.39.0' }),
  },
});
