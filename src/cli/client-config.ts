import { dirname } from 'node:path';
import type { Client, ClientId, Entry } from '../clients/catalogue.ts';
import type { Gateway, Via } from '../clients/gateway-entry.ts';
import { SupervisorError } from '../errors.ts';
import { checkNames } from '../names.ts';
import { nearest } from '../nearest.ts';
import type { CliContext, CommonOptions, ProjectAccess, Verb } from './context.ts';

export interface ClientConfigOptions extends CommonOptions {
  readonly write?: boolean;
  readonly remove?: boolean;
  readonly server?: readonly string[];
  readonly via?: string;
}

interface Asked {
  readonly id: ClientId;
  readonly client: Client;
  readonly file: string;
  readonly gateway: Gateway;
  readonly via: Via;
}

/** Prints what a client's config needs, or puts it there, or takes it out again. */
export const clientConfig: Verb<ClientConfigOptions> = async (context, [name = ''], options) => {
  if (options.write === true && options.remove === true) {
    throw usage('--write and --remove are opposites', 'Use one of them.');
  }
  const { CLIENTS, CLIENT_IDS, fileOf, isClientId } = await import('../clients/catalogue.ts');
  const { viaFor } = await import('../clients/gateway-entry.ts');
  if (!isClientId(name)) throw unknownClient(name, CLIENT_IDS);
  const project = context.openProject(options.config);
  const { configFile } = project;
  const { env, home } = context;
  const client: Client = CLIENTS[name];
  const file = fileOf(client, { platform: process.platform, root: dirname(configFile), home, env });
  const gateway = { configFile, ...(await project.endpoints()) };
  checkNames(
    options.server ?? null,
    gateway.servers.map((server) => server.name),
  );
  const via = chosenVia(options.via, client, gateway) ?? viaFor(client, gateway);
  const asked: Asked = { id: name, client, file, gateway, via };
  if (options.remove === true) return remove(context, project, asked, options);
  return print(context, project, asked, options);
};

async function print(
  context: CliContext,
  project: ProjectAccess,
  asked: Asked,
  options: ClientConfigOptions,
): Promise<number> {
  const { client, file, gateway, via } = asked;
  const { entryOf, needsPrompt } = await import('../clients/gateway-entry.ts');
  const { snippet } = await import('../clients/client-text.ts');
  const { out, err } = context;
  const servers = gateway.servers.filter(({ name }) => options.server?.includes(name) ?? true);
  const entries = servers.map((server): [string, Entry] => {
    return [server.name, entryOf(client, gateway, server, via, context.self)];
  });
  const prompt = needsPrompt(client, gateway, via);
  const { id } = asked;
  if (options.write !== true) {
    const text = snippet(client, entries, prompt);
    if (options.json === true) out.write(`${JSON.stringify({ client: id, file, via, snippet: text })}\n`);
    else {
      out.write(text);
      err.write(`This belongs into ${file}; \`client-config ${id} --write\` puts it there.\n`);
      err.write(await tokenNote(asked, context.env));
    }
    return 0;
  }
  const done = (await clientFile(project, asked)).write(gateway, entries, prompt);
  if (options.json === true) {
    out.write(
      `${JSON.stringify({ client: id, file, via, servers: servers.map(({ name }) => name), ...done })}\n`,
    );
    return 0;
  }
  const names = servers.map(({ name }) => name).join(', ') || 'nothing';
  out.write(done.changed ? `Wrote ${names} into ${file}\n` : `${file} has ${names} already.\n`);
  if (done.backup !== null) err.write(`It was copied to ${done.backup} before, with all that was in it.\n`);
  if (done.replaced.length > 0) {
    err.write(`These took the place of an entry that led elsewhere: ${done.replaced.join(', ')}.\n`);
  }
  if (done.changed) err.write(`\`client-config ${id} --remove\` takes it out again.\n`);
  err.write(await tokenNote(asked, context.env));
  return 0;
}

async function remove(
  { out }: CliContext,
  project: ProjectAccess,
  asked: Asked,
  options: ClientConfigOptions,
): Promise<number> {
  const { id, file, gateway } = asked;
  const removed = (await clientFile(project, asked)).remove(gateway, options.server ?? null);
  if (options.json === true) out.write(`${JSON.stringify({ client: id, file, removed })}\n`);
  else if (removed.length === 0) out.write(`${file} has nothing of this project.\n`);
  else out.write(`Took ${removed.join(', ')} out of ${file}\n`);
  return 0;
}

async function clientFile(project: ProjectAccess, { client, file }: Asked) {
  const { ClientFile } = await import('../clients/client-file.ts');
  const { Receipts } = await import('../clients/receipts.ts');
  return new ClientFile(client, file, new Receipts(project.privateFile('clients.json')));
}

async function tokenNote({ id, client, gateway, via }: Asked, env: CliContext['env']): Promise<string> {
  const { howToGiveToken } = await import('../clients/token-note.ts');
  return howToGiveToken(id, client, gateway, via, env);
}

function unknownClient(name: string, known: readonly string[]): SupervisorError {
  const meant = nearest(name, known);
  const question = meant === null ? '' : `Did you mean ${meant}? `;
  return usage(`${name} is no client that is known here`, `${question}Known: ${known.join(', ')}.`);
}

function chosenVia(via: string | undefined, client: Client, { auth }: Gateway): Via | null {
  switch (via) {
    case undefined:
      return null;
    case 'stdio':
      return via;
    case 'http':
      if (client.http === null) throw usage(`${client.title} starts commands only`, 'Leave --via out.');
      if (client.token.kind !== 'none' || !auth) return via;
      throw usage(
        `${client.title} replaces nothing in its settings, so the token itself would have to be in them`,
        'Leave --via out: `connect` reads the token by itself.',
      );
    default:
      throw usage(`--via ${via} is no transport`, 'It is http or stdio.');
  }
}

function usage(message: string, hint: string): SupervisorError {
  return new SupervisorError('usage.invalid', message, hint);
}
