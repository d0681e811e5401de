import type { CredentialReport, TokenToTry } from '../cli/context.ts';
import { SupervisorError } from '../errors.ts';
import { createRedactor } from '../logs/redact.ts';
import type { WantedServer, WarningDraft } from '../model.ts';
import { redactVerdict } from '../supervisor/credentials.ts';
import { type ColdProject, readCold } from './read-cold.ts';

export interface ColdCheck extends ColdProject {
  /** A value to try in place of the one in the env files. */
  readonly instead: TokenToTry | null;
  readonly signal: AbortSignal;
}

/** Asks about the credentials of each server as it would be started now, whether anything runs or not. */
export async function checkCold(options: ColdCheck): Promise<CredentialReport[]> {
  const { instead, signal } = options;
  const values = instead === null ? {} : { [instead.variable]: instead.value };
  const { wanted, secrets } = await readCold(options, { values });
  if (instead !== null && wanted.every((server) => isDeaf(server, instead)))
    throw notRead(instead.variable, wanted);
  const redact = createRedactor([...secrets, ...(instead === null ? [] : [instead.value])]);
  return Promise.all(wanted.map((server) => reportOn(server, redact, signal)));
}

/** Whether the value takes no part: the config may name another variable. */
function isDeaf(server: WantedServer, { variable, value }: TokenToTry): boolean {
  if ('blocked' in server) return false;
  const { check, variables } = server;
  return variables[variable] !== value || check?.tokenVariables.includes(variable) === false;
}

function notRead(variable: string, wanted: readonly WantedServer[]): SupervisorError {
  const names = new Set(wanted.flatMap(tokenVariables));
  const where = names.size === 0 ? 'that your config uses' : `(${[...names].join(', ')})`;
  return new SupervisorError(
    'usage.invalid',
    `No server that is checked takes its token from ${variable}`,
    `Name the variable ${where} with --variable NAME, and the server if there are several.`,
  );
}

/** What a server takes its token from, as far as that is known. */
function tokenVariables(server: WantedServer): readonly string[] {
  if ('blocked' in server) return [];
  return server.check?.tokenVariables.filter((name) => name in server.variables) ?? [];
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
