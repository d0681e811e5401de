import { defineConfig } from 'mcp-supervisor';

export default defineConfig({
  servers: {
    notebook: {
      command: 'node',
      args: ['notebook.mjs'],
      sharing: 'per-session',
      // A fifth session takes the place of the one that has been idle for longest.
      maxSessionChildren: 4,
    },
  },
});
