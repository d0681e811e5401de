export interface Interpolated {
  readonly value: string;
  /** The variables whose values went in. */
  readonly used: readonly string[];
  /** The variables that have no value, and no default either. */
  readonly missing: readonly string[];
}

/** `$${` first: it stands for a literal `${`. */
const REFERENCE = /\$(\$\{)|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^{}]*))?\}/g;

/**
 * Replaces `${VAR}`, and `${VAR:-default}` where VAR is unset or empty. A value is never expanded
 * again, so a secret may hold any characters.
 */
export function interpolate(text: string, lookup: (name: string) => string | undefined): Interpolated {
  const used = new Set<string>();
  const missing = new Set<string>();
  const value = text.replace(REFERENCE, (_, escaped?: string, name?: string, fallback?: string) => {
    if (escaped !== undefined || name === undefined) return '${';
    const found = lookup(name);
    if (found !== undefined && (found !== '' || fallback === undefined)) {
      used.add(name);
      return found;
    }
    if (fallback === undefined) missing.add(name);
    return fallback ?? '';
  });
  return { value, used: [...used], missing: [...missing] };
}

/** What is wrong with the `${…}`s of a text, or null. */
export function interpolationProblem(text: string): string | null {
  return text.replace(REFERENCE, ' ').includes('${')
    ? 'has a ${ that is no ${NAME} or ${NAME:-default}; write $${ for a literal ${'
    : null;
}
