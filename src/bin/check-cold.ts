import { dirname } from 'node:path';
import type { CredentialReport } from '../cli/context.ts';
import { SupervisorError } from '../errors.ts';
import { createRedactor } from '../logs/redact.ts';
import type { ServerName, ServerSpec, Verdict, WantedServer, WarningDraft } from '../model.ts';
import { DesiredReader } from '../supervisor/desired.ts';
import { checkNames } from '../supervisor/names.ts';

export interface ColdCheck {
  readonly configFile: string;
  readonly publicEntry: string;
  readonly execPath: string;
  readonly env: Readonly<Record<string, string>>;
  /** null: all. */
  readonly servers: readonly ServerName[] | null;
  /** A value to try in place of the one in the env files. */
  readonly instead: { readonly variable: string; readonly value: string } | null;
  readonly signal: AbortSignal;
}

/** Asks about the credentials of each server as it would be started now, whether anything runs or not. */
export async function checkCold(options: ColdCheck): Promise<CredentialReport[]> {
  const { configFile, publicEntry, execPath, env, servers: names, instead, signal } = options;
  const reader = new DesiredReader({ root: dirname(configFile), configFile, publicEntry, execPath });
  const overrides = instead === null ? {} : { [instead.variable]: instead.value };
  const { servers, secrets } = await reader.read(env, overrides);
  checkNames(names, servers.keys());
  const wanted = [...servers.values()]
    .map((server) => server.wanted)
    .filter(({ name }) => names === null || names.includes(name));
  if (instead !== null && wanted.every((server) => isDeaf(server, instead))) throw notRead(instead.variable);
  const redact = createRedactor([...secrets, ...(instead === null ? [] : [instead.value])]);
  return Promise.all(wanted.map((server) => reportOn(server, redact, signal)));
}

/** Whether the value takes no part: the config may name another variable. */
function isDeaf(server: WantedServer, { variable, value }: NonNullable<ColdCheck['instead']>): boolean {
  return !('blocked' in server) && server.variables[variable] !== value;
}

function notRead(variable: string): SupervisorError {
  const hint =
    'Name the variable that your config uses with --variable NAME, and the server if there are several.';
  return new SupervisorError('usage.invalid', `No server that is checked reads ${variable}`, hint);
}

async function reportOn(
  server: WantedServer,
  redact: (text: string) => string,
  signal: AbortSignal,
): Promise<CredentialReport> {
  if ('blocked' in server) return { ...NOTHING, server: server.name, findings: server.blocked };
  const { name, check, warnings } = server;
  if (check === null) return { ...NOTHING, server: name, findings: warnings };
  const verdict = await verdictOn(check, redact, signal);
  return {
    server: name,
    title: check.title,
    verdict,
    tools: check.tools(verdict),
    findings: [...warnings, ...check.findings(verdict)].map((draft) => redacted(draft, redact)),
  };
}

const NOTHING = { title: null, verdict: null, tools: [] } as const;

/** What a service answers may quote what it was sent. */
async function verdictOn(
  check: NonNullable<ServerSpec['check']>,
  redact: (text: string) => string,
  signal: AbortSignal,
): Promise<Verdict> {
  const verdict = await check.ask(signal);
  return verdict.kind === 'accepted' ? verdict : { ...verdict, detail: redact(verdict.detail) };
}

function redacted(draft: WarningDraft, redact: (text: string) => string): WarningDraft {
  return { ...draft, message: redact(draft.message), hint: redact(draft.hint) };
}
