/** Without the white space and the quotes that a careless paste leaves round a value. */
export function unquoted(value: string): string {
  const trimmed = value.trim();
  const inner = /^(["'`])(.*)\1$/s.exec(trimmed)?.[2];
  return inner === undefined ? trimmed : unquoted(inner);
}
