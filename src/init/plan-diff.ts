import { basename, relative } from 'node:path';
import { hideValues } from '../config/env-line.ts';
import { createRedactor } from '../logs/redact.ts';
import type { InitPlan } from './plan-init.ts';
import { unifiedDiff } from './unified-diff.ts';

/** What would change, as a unified diff without any secret in it. */
export function planDiff({ changes, secrets }: InitPlan, root: string): string {
  const redact = createRedactor(secrets);
  const diffs = changes.map(({ path, before, after }) => {
    const show = (text: string | null) => {
      return text !== null && basename(path) === '.env' ? hideValues(text) : text;
    };
    return unifiedDiff(relative(root, path), show(before), show(after));
  });
  return redact(diffs.join(''));
}
