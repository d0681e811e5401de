import { readdirSync } from 'node:fs';
import { fixture } from './cli.ts';
import { type Connection, connect } from './mcp-client.ts';
import { fixtureServer, type TestProject } from './project.ts';

/** The stateful server, with a child for each session. */
export const counter = (more: Record<string, unknown> = {}) => ({
  counter: fixtureServer(fixture('counter'), { sharing: 'per-session', ...more }),
});

/** So many clients, each in a session of its own. */
export async function connectAll(project: TestProject, count: number): Promise<Connection[]> {
  const endpoint = await project.endpoint('counter');
  return Promise.all(Array.from({ length: count }, () => connect(endpoint)));
}

/** The process that each of the clients is served by. */
export function pidsOf(clients: readonly Connection[]): Promise<number[]> {
  return Promise.all(clients.map(async (client) => Number(await client.text('who'))));
}

/** The server's processes that run now. */
export function childrenOf(project: TestProject): number[] {
  return project
    .processes()
    .filter(({ command }) => command.includes('counter.mjs'))
    .map(({ pid }) => pid);
}

/** The pm2 apps whose children run. */
export function appsOf(project: TestProject): string[] {
  return readdirSync(project.path('.mcp-supervisor/groups')).sort();
}
