import { SupervisorError } from '../errors.ts';

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const AGO = /^(\d+(?:\.\d+)?)([smhd])$/;
/** Date.parse takes much that is no time, as "build 12". */
const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

/** What `--since` says: how long ago (`90s`, `10m`, `2h`, `1d`), or an ISO 8601 time. */
export function parseSince(text: string, now = Date.now()): Date {
  const [, amount, unit = ''] = AGO.exec(text) ?? [];
  const time = amount === undefined ? isoTime(text) : now - Number(amount) * (UNIT_MS[unit] ?? Number.NaN);
  const since = new Date(time);
  if (!Number.isNaN(since.getTime())) return since;
  throw new SupervisorError(
    'usage.invalid',
    `"${text}" is not a time to show logs since`,
    'Say how long ago, as in 90s, 10m, 2h or 1d, or give an ISO 8601 time, as in 2026-01-31T10:00:00Z.',
  );
}

function isoTime(text: string): number {
  return ISO.test(text) ? Date.parse(text) : Number.NaN;
}
