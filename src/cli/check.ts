import { SupervisorError } from '../errors.ts';
import {
  asked,
  type CliContext,
  type CommonOptions,
  type CredentialReport,
  type TokenToTry,
  type Verb,
} from './context.ts';
import { DEFAULT_VARIABLE, readPastedToken } from './pasted-token.ts';
import { withProgress } from './progress.ts';
import { credentialText } from './render/credential-text.ts';
import { paintFor } from './render/paint.ts';

export interface CheckOptions extends CommonOptions {
  readonly tokenFromStdin?: boolean;
  readonly variable?: string;
}

/** What the servers' tokens can do, also of one that is not in the env file yet. */
export const check: Verb<CheckOptions> = async (context, names, options) => {
  const project = context.openProject(options.config);
  const { tokenFromStdin = false, variable } = options;
  if (variable !== undefined && !tokenFromStdin) {
    const message = '--variable says what a token on stdin is tried as';
    throw new SupervisorError('usage.invalid', message, 'Give --token-from-stdin too, or leave it out.');
  }
  const instead = tokenFromStdin ? await tokenToTry(context, variable) : null;
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

/** Where the token may stand that is tried: what was said, what the pasted line says, or Sentry's own. */
async function tokenToTry(context: CliContext, named: string | undefined): Promise<TokenToTry> {
  const { variable: pasted, value } = await readPastedToken(context.stdin(), named, context.signal);
  if (named !== undefined && pasted !== null && named !== pasted) {
    const message = 'The line on stdin sets another variable than --variable names';
    throw new SupervisorError('usage.invalid', message, 'Leave --variable out, or pipe in the token alone.');
  }
  return { variable: named ?? pasted ?? DEFAULT_VARIABLE, value };
}
