const UNITS: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/** `512M`, `1.5G`, `100K` or a number of bytes; null for anything else. */
export function bytesOf(size: number | string): number | null {
  if (typeof size === 'number') return size;
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([KMG]?)B?$/i.exec(size.trim()) ?? [];
  const factor = UNITS[unit.toUpperCase()];
  const bytes = Math.round(Number(amount) * (factor ?? Number.NaN));
  return Number.isFinite(bytes) && bytes > 0 ? bytes : null;
}
