import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Endpoints } from '../cli/context.ts';
import { reachable } from '../cli/reachable.ts';
import { statusOrNull } from '../cli/read-status.ts';
import { loadConfig } from '../config/load.ts';
import { SupervisorError } from '../errors.ts';
import { originOf } from '../gateway/gateway-settings.ts';
import type { AdminClient } from '../supervisor/admin/client.ts';
import { type Project, stateFile } from '../supervisor/project.ts';

const Kept = z.object({ port: z.number() });

/**
 * The servers of the config and their addresses. The port is that of the running gateway; else the config's;
 * else, where that leaves it open, the one that it had last.
 */
export async function endpoints(
  project: Project,
  admin: AdminClient,
  publicEntry: string,
): Promise<Endpoints> {
  const { gateway, servers } = await loadConfig(project.configFile, { publicEntry });
  const running = (await statusOrNull(admin))?.gateway?.url.replace(/\/$/, '') ?? null;
  const port = gateway.port === 0 ? keptPort(project) : gateway.port;
  const base = running ?? (port === null ? null : originOf(gateway.host, port));
  if (base === null) {
    throw new SupervisorError(
      'usage.invalid',
      'The config has `port: 0`, and no port has been chosen yet',
      'Run `mcp-supervisor up` once, or name a port in the config.',
    );
  }
  return {
    servers: Object.keys(servers).map((name) => ({ name, url: `${reachable(base)}/${name}/mcp` })),
    auth: gateway.auth === 'token',
  };
}

/** null where there is none, or where it cannot be read. */
function keptPort(project: Project): number | null {
  try {
    const kept = Kept.parse(JSON.parse(readFileSync(stateFile(project, 'state.json'), 'utf8')));
    return kept.port === 0 ? null : kept.port;
  } catch {
    return null;
  }
}
