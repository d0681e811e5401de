import type { WarningDraft } from '../model.ts';

/** `problem` ends a sentence that begins with "it". */
export function refuses(problem: string): WarningDraft {
  return failed(
    `does not take them: it ${problem}`,
    'Correct `url` or `headers` of `warnings.webhook`; what is active then is posted again.',
  );
}

export function fails(problem: string, attempts: number): WarningDraft {
  return failed(
    `cannot take them now: it ${problem}, after ${attempts} or more attempts in a row that failed`,
    'It is tried again, with growing pauses. See that the receiver is up, and that `url` is right.',
  );
}

function failed(problem: string, hint: string): WarningDraft {
  const message = `The webhook for warnings ${problem}.`;
  return { code: 'webhook.failed', severity: 'warning', subject: '', message, hint };
}
