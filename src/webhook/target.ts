import { interpolate } from '../config/interpolate.ts';
import { urlProblem, type WebhookConfig } from '../config/webhook-schema.ts';
import type { Severity, WarningDraft } from '../model.ts';

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
  lookup: (name: string) => string | undefined,
  envFile: string,
): ResolvedWebhook {
  if (config === undefined) return { target: null, warnings: [], secrets: [] };
  const missing = new Set<string>();
  const fill = (text: string) => {
    const filled = interpolate(text, lookup);
    for (const name of filled.missing) missing.add(name);
    return filled.value;
  };
  const url = fill(config.url);
  const headers = Object.fromEntries(Object.entries(config.headers).map(([key, text]) => [key, fill(text)]));
  const { minSeverity, timeoutMs } = config;
  const warnings =
    missing.size > 0 ? [...missing].map((name) => lacks(name, envFile)) : problems(url, headers);
  const target = warnings.length > 0 ? null : { url, headers, minSeverity, timeoutMs };
  return { target, warnings, secrets: missing.size > 0 ? [] : [url] };
}

function problems(url: string, headers: Readonly<Record<string, string>>): WarningDraft[] {
  const problem = urlProblem(url);
  const bad = Object.entries(headers).filter(([, value]) => !/^[\t\x20-\x7e\x80-\xff]*$/.test(value));
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
