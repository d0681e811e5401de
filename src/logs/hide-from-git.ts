import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The clients' token and the logs are nobody's to commit. */
export function hideFromGit(dir: string): void {
  const file = join(dir, '.gitignore');
  if (!existsSync(file)) writeFileSync(file, '*\n', { mode: 0o600 });
}
