const STEPS = [
  { suffix: 'd', ms: 86_400_000 },
  { suffix: 'h', ms: 3_600_000 },
  { suffix: 'm', ms: 60_000 },
  { suffix: 's', ms: 1_000 },
] as const;

/** `2h 5m`, `38s`: the two largest units say enough. */
export function duration(ms: number): string {
  const parts: string[] = [];
  let rest = ms;
  for (const step of STEPS) {
    const count = Math.floor(rest / step.ms);
    rest -= count * step.ms;
    if (count > 0) parts.push(`${count}${step.suffix}`);
  }
  return parts.slice(0, 2).join(' ') || '0s';
}

export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MB`;
}
