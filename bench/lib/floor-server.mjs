/** `floor-server.mjs sse|json`: an HTTP server of the SDK that answers by itself, as its README has it. Prints its port. */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { NodeStreamableHTTPServerTransport } from '@modelcontextprotocol/node';
import { Server } from '@modelcontextprotocol/server';

const enableJsonResponse = process.argv[2] === 'json';
const transports = new Map();

const http = createServer(async (request, response) => {
  const known = transports.get(request.headers['mcp-session-id']);
  const transport = known ?? (await newSession());
  await transport.handleRequest(request, response);
});
http.listen(0, '127.0.0.1', () => process.stdout.write(`${http.address().port}\n`));
process.stdin.on('end', () => process.exit(0)).resume();

async function newSession() {
  const transport = new NodeStreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    enableJsonResponse,
    onsessioninitialized: (id) => void transports.set(id, transport),
    onsessionclosed: (id) => void transports.delete(id),
    maxRequestBodySize: 16 * 1024 * 1024,
  });
  const server = new Server({ name: 'floor', version: '1.0.0' }, { capabilities: { tools: {} } });
  server.setRequestHandler('tools/list', () => ({
    tools: [{ name: 'echo', inputSchema: { type: 'object' } }],
  }));
  server.setRequestHandler('tools/call', ({ params }) => ({
    content: [{ type: 'text', text: JSON.stringify(params.arguments ?? {}) }],
  }));
  await server.connect(transport);
  return transport;
}
