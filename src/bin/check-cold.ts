import type { CredentialReport } from '../cli/context.ts';
import { SupervisorError } from '../errors.ts';
import { createRedactor } from '../logs/redact.ts';
import type { WantedServer, WarningDraft } from '../model.ts';
import { redactVerdict } from '../supervisor/credentials.ts';
import { type ColdProject, readCold } from './read-cold.ts';

export interface ColdCheck extends ColdProject {
  /** A value to try in place of the one in the env files. */
  readonly instead: { readonly variable: string; readonly value: string } | null;
  readonly signal: AbortSignal;
}

/** Asks about the credentials of each server as it would be started now, whether anything runs or not. */
export async function checkCold(options: ColdCheck): Promise<CredentialReport[]> {
  const { instead, signal } = options;
  const values = instead === null ? {} : { [instead.variable]: instead.value };
  const { wanted, secrets } = await readCold(options, { values });
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
  const verdict = redactVerdict(await check.ask(signal), redact);
  return {
    server: name,
    title: check.title,
    verdict,
    tools: check.tools(verdict),
    findings: [...warnings, ...check.findings(verdict)].map((draft) => redacted(draft, redact)),
  };
}

const NOTHING = { title: null, verdict: null, tools: [] } as const;

function redacted(draft: WarningDraft, redact: (text: string) => string): WarningDraft {
  return { ...draft, message: redact(draft.message), hint: redact(draft.hint) };
}
