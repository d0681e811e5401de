import { defineConfig } from 'mcp-supervisor';

export default defineConfig({
  // A folder is mounted there, not a file: editors save by rename, which a mounted file does not see.
  envFiles: ['env/.env'],
  // Reachable from outside the container; the token is asked for, whatever else is set.
  gateway: { host: '0.0.0.0', port: 7420, auth: 'token' },
  servers: {
    everything: { command: 'npx', args: ['-y', '@modelcontextprotocol/server-everything'] },
  },
});
