import { text } from 'node:stream/consumers';
import { SupervisorError } from '../errors.ts';
import { asked, type CliContext, type CommonOptions, type CredentialReport, type Verb } from './context.ts';
import { withProgress } from './progress.ts';
import { credentialText } from './render/credential-text.ts';
import { paintFor } from './render/paint.ts';

export interface CheckOptions extends CommonOptions {
  readonly tokenFromStdin?: boolean;
  readonly variable: string;
}

/** What the servers' tokens can do, also of one that is not in the env file yet. */
export const check: Verb<CheckOptions> = async (context, names, options) => {
  const project = context.openProject(options.config);
  const instead =
    options.tokenFromStdin === true ? { variable: options.variable, value: await tokenFrom(context) } : null;
  const asking = () => project.checkCredentials(asked(names), instead);
  const reports = await withProgress(context, 'Asking what the tokens can do', asking);
  if (options.json === true) {
    const results = reports.map((report) => ({ ...report, ok: isWell(report) }));
    context.out.write(`${JSON.stringify(results)}\n`);
  } else context.out.write(credentialText(reports, paintFor(context, context.out)));
  return reports.every(isWell) ? 0 : 1;
};

/** All that was asked for is there, as far as anybody can know. */
function isWell({ verdict, findings }: CredentialReport): boolean {
  const known = verdict === null || verdict.kind === 'accepted';
  return known && findings.every(({ severity }) => severity === 'info');
}

async function tokenFrom(context: CliContext): Promise<string> {
  const token = (await text(context.stdin())).trim();
  if (token !== '' && !/\s/.test(token)) return token;
  const message = token === '' ? 'There is no token on stdin' : 'What is on stdin is more than one token';
  throw new SupervisorError(
    'usage.invalid',
    message,
    'Pipe it in: mcp-supervisor check --token-from-stdin < file',
  );
}
