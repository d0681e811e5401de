/** More than two slips, or as many as half of the characters, make it another word. */
const MAX_SLIPS = 2;

/** The candidate that `word` is most likely a slip of the fingers for; null where none is near. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  const ranked = candidates
    .map((candidate) => ({ candidate, slips: slips(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(
      ({ candidate, slips }) => slips <= MAX_SLIPS && slips * 2 < Math.max(word.length, candidate.length),
    )
    .sort((a, b) => a.slips - b.slips);
  return ranked[0]?.candidate ?? null;
}

/** How many characters were left out, added, mistaken, or swapped with the next one. */
function slips(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > MAX_SLIPS) return Number.POSITIVE_INFINITY;
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number) => rows[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i++) {
    rows.push([i]);
    for (let j = 1; j <= b.length; j++) {
      const mistaken = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : mistaken;
      rows[i]?.push(Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, mistaken, swapped));
    }
  }
  return at(a.length, b.length);
}
