import { printableText } from '../../logs/printable.ts';
import type { ServerStatus } from '../../model.ts';
import { type Paint, STATE_STYLES } from './paint.ts';
import { table } from './table.ts';
import { duration, megabytes } from './units.ts';

const HEADER = [
  'SERVER',
  'STATE',
  'PID',
  'GEN',
  'RESTARTS',
  'UPTIME',
  'MEMORY',
  'TOOLS',
  'SESSIONS',
  'WARNINGS',
];

/** `status`: a row a server, then what needs saying about some of them. */
export function serverTable(servers: readonly ServerStatus[], paint: Paint): string {
  const rows = servers.map((server) => [
    server.name,
    paint(STATE_STYLES[server.state], server.state),
    text(server.pid),
    text(server.generation),
    text(server.restarts),
    server.uptimeMs === null ? '-' : duration(server.uptimeMs),
    server.memoryBytes === null ? '-' : megabytes(server.memoryBytes),
    server.state === 'ready' || server.state === 'replacing' ? text(server.tools.length) : '-',
    text(server.sessions),
    text(server.warnings),
  ]);
  return table([HEADER.map((title) => paint('dim', title)), ...rows]) + notes(servers, paint);
}

/** `up`: what a client needs, the endpoints. */
export function endpointTable(servers: readonly ServerStatus[], paint: Paint): string {
  return table(
    servers.map(({ name, state, tools, url }) => [
      paint('bold', name),
      paint(STATE_STYLES[state], state),
      state === 'ready' ? `${tools.length} tools` : '',
      url,
    ]),
  );
}

function notes(servers: readonly ServerStatus[], paint: Paint): string {
  return servers.map((server) => note(server, paint)).join('');
}

function note({ name, state, detail, lastReload }: ServerStatus, paint: Paint): string {
  const lines: string[] = [];
  // What a server is blocked by is a warning, and stands among them.
  if (detail !== null && state !== 'blocked') lines.push(detail);
  if (lastReload !== null) {
    const keys = lastReload.changedKeys.length === 0 ? '' : ` (${lastReload.changedKeys.join(', ')})`;
    const { at, reason, durationMs, outcome, credentials } = lastReload;
    const token = credentials === undefined ? '' : `; ${credentials.summary}`;
    lines.push(`last reload ${at}: ${reason}${keys}, ${outcome} after ${durationMs} ms${token}`);
  }
  // A server's last words are among it.
  return lines.map((line) => `${paint('bold', name)}: ${printableText(line)}\n`).join('');
}

function text(value: number | null): string {
  return value === null ? '-' : String(value);
}
