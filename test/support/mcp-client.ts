import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

export interface Connection extends AsyncDisposable {
  readonly client: Client;
  readonly transport: StreamableHTTPClientTransport;
  /** Calls a tool and returns its first text. */
  text(tool: string, args?: Record<string, unknown>): Promise<string>;
}

export interface ConnectOptions {
  /** Answers the server's sampling requests; without it the client offers none. */
  readonly sample?: (prompt: unknown) => string | Promise<string>;
}

/** A real MCP client in a session of its own. */
export async function connect(
  { url, token }: { url: string; token: string },
  { sample }: ConnectOptions = {},
): Promise<Connection> {
  const headers = { Authorization: `Bearer ${token}` };
  const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
  const capabilities = sample === undefined ? {} : { sampling: {} };
  const client = new Client({ name: 'test', version: '1.0.0' }, { capabilities });
  if (sample !== undefined) {
    client.setRequestHandler('sampling/createMessage', async ({ params }) => ({
      role: 'assistant',
      model: 'test',
      content: { type: 'text', text: await sample(params.messages[0]?.content) },
    }));
  }
  await client.connect(transport);
  return {
    client,
    transport,
    text: async (name, args = {}) => {
      const result = (await client.callTool({ name, arguments: args })) as { content: { text?: string }[] };
      return result.content[0]?.text ?? '';
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}
