import { dirname, join } from 'node:path';
import type { Client, ClientId } from './catalogue.ts';
import { type Gateway, TOKEN_VARIABLE, type Via } from './gateway-entry.ts';

/** How the client gets the token, for a person. The token itself is not in it. */
export function howToGiveToken(
  id: ClientId,
  client: Client,
  { configFile, auth }: Gateway,
  via: Via,
  env: Readonly<Record<string, string>>,
): string {
  if (via === 'stdio') {
    const why =
      id === 'claude-desktop'
        ? `${client.title} starts commands only. `
        : client.token.kind === 'none'
          ? `${client.title} replaces no variables in its settings, so a command that reads the token is better. `
          : '';
    return `${why}\`connect\` reads the token by itself, and starts the supervisor where none runs.\n`;
  }
  if (!auth) return "The gateway asks for no token: the config has auth: 'none'.\n";
  const file = join(dirname(configFile), '.mcp-supervisor', 'token');
  if (client.token.kind === 'input') {
    return `${client.title} asks for the token once and keeps it. It is in ${file}, from the first \`up\` on.\n`;
  }
  return (
    `The token stays out of the file: start ${client.title} with it in ${TOKEN_VARIABLE}. ` +
    `It is there from the first \`up\` on.\n  ${exportLine(file, env)}\n`
  );
}

function exportLine(file: string, env: Readonly<Record<string, string>>): string {
  if (process.platform === 'win32') {
    return `$env:${TOKEN_VARIABLE} = (Get-Content -Raw '${file.replaceAll("'", "''")}').Trim()`;
  }
  const quoted = `'${file.replaceAll("'", `'\\''`)}'`;
  return /(?:^|\/)fish$/.test(env['SHELL'] ?? '')
    ? `set -gx ${TOKEN_VARIABLE} (cat ${quoted})`
    : `export ${TOKEN_VARIABLE}="$(cat ${quoted})"`;
}
