import { HEADER_VALUE } from '../config/header-value.ts';
import { urlProblem, type WebhookConfig } from '../config/webhook-schema.ts';
import type { Severity, WarningDraft } from '../model.ts';
import { type Lookup, VariableFill } from '../servers/variables.ts';

/** Where changes of warnings are posted to, filled in. */
export interface WebhookTarget {
  /** A secret, as with Slack: it shows nowhere. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly minSeverity: Severity;
  /** How long one attempt may take. */
  readonly timeoutMs: number;
}

export interface ResolvedWebhook {
  /** null: there is none, or it cannot be used. */
  readonly target: WebhookTarget | null;
  readonly warnings: readonly WarningDraft[];
  /** What it holds that no output may show. */
  readonly secrets: readonly string[];
}

/** Fills the `${VAR}`s of the webhook. One that lacks something is off: servers do not depend on it. */
export function resolveWebhook(
  config: WebhookConfig | undefined,
  lookup: Lookup,
  envFile: string,
): ResolvedWebhook {
  if (config === undefined) return { target: null, warnings: [], secrets: [] };
  const fill = new VariableFill(lookup);
  const url = fill.text(config.url);
  const headers = fill.record(config.headers);
  const { missing } = fill;
  const { minSeverity, timeoutMs } = config;
  const warnings = missing.length > 0 ? missing.map((name) => lacks(name, envFile)) : problems(url, headers);
  const target = warnings.length > 0 ? null : { url, headers, minSeverity, timeoutMs };
  return { target, warnings, secrets: missing.length > 0 ? [] : [url] };
}

function problems(url: string, headers: Readonly<Record<string, string>>): WarningDraft[] {
  const problem = urlProblem(url);
  const bad = Object.entries(headers).filter(([, value]) => !HEADER_VALUE.test(value));
  return [
    ...(problem === null ? [] : [unusable('url', `its url ${problem}`, 'Correct what `url` is made of.')]),
    ...bad.map(([name]) =>
      unusable(`headers.${name}`, `its header ${name} has characters that no header may have`, 'Correct it.'),
    ),
  ];
}

function lacks(name: string, envFile: string): WarningDraft {
  const hint = `Add ${name}=… to ${envFile}, or take \`warnings.webhook\` out of the config.`;
  return unusable(name, `it needs the variable ${name}, which is in no env file of the project`, hint);
}

function unusable(subject: string, problem: string, hint: string): WarningDraft {
  const message = `The webhook for warnings is off: ${problem}.`;
  return { code: 'webhook.unusable', severity: 'warning', subject, message, hint };
}
