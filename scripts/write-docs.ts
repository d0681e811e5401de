import { writeFileSync } from 'node:fs';
import { configDocs } from './config-docs.ts';

for (const [path, text] of Object.entries(configDocs())) {
  writeFileSync(new URL(`../${path}`, import.meta.url), text);
}
