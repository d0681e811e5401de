import { McpServer } from '@modelcontextprotocol/server';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';

const notes = [];
const text = () => ({ content: [{ type: 'text', text: notes.join('\n') }] });

const server = new McpServer({ name: 'notebook', version: '1.0.0' });
server.registerTool(
  'write',
  { description: 'Adds a note.', inputSchema: z.object({ note: z.string() }) },
  ({ note }) => {
    notes.push(note);
    return text();
  },
);
server.registerTool('read', { description: 'Shows all notes.', annotations: { readOnlyHint: true } }, text);
await server.connect(new StdioServerTransport());
