import { fileURLToPath } from 'node:url';
import type { CommonOptions, Verb } from './context.ts';
import { paintFor } from './render/paint.ts';
import { warningText } from './render/warning-text.ts';

export interface WarningsOptions extends CommonOptions {
  readonly all?: boolean;
}

/** Where the `docs/` of this package is: with npx nobody would know. */
const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));

/** What is active, why, and what to do. */
export const warnings: Verb<WarningsOptions> = async (context, _names, options) => {
  const { admin } = context.openProject(options.config);
  const rows = await admin.warnings(options.all === true);
  if (options.json === true) context.out.write(`${JSON.stringify(rows)}\n`);
  else if (rows.length === 0) context.out.write('Nothing to warn of.\n');
  else {
    const paint = paintFor(context, context.out);
    context.out.write(warningText(rows, paint, true));
    if (rows.some(({ docs }) => docs !== null)) {
      context.out.write(`${paint('dim', `docs/ is in ${PACKAGE}`)}\n`);
    }
  }
  return 0;
};
