import { McpServer } from '@modelcontextprotocol/server';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';

let left = 12;
const server = new McpServer({ name: 'billing', version: '1.0.0' });
server.registerTool(
  'invoice',
  { description: 'Finds an invoice.', inputSchema: z.object({ number: z.string() }) },
  ({ number }) => {
    left -= 1;
    process.stderr.write(`only ${left} requests left\n`);
    return { content: [{ type: 'text', text: `Invoice ${number} is paid.` }] };
  },
);
await server.connect(new StdioServerTransport());
