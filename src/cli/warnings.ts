import type { CommonOptions, Verb } from './context.ts';
import { paintFor } from './render/paint.ts';
import { warningText } from './render/warning-text.ts';

export interface WarningsOptions extends CommonOptions {
  readonly all?: boolean;
}

/** What is active, why, and what to do. */
export const warnings: Verb<WarningsOptions> = async (context, _names, options) => {
  const { admin } = context.openProject(options.config);
  const rows = await admin.warnings(options.all === true);
  if (options.json === true) context.out.write(`${JSON.stringify(rows)}\n`);
  else if (rows.length === 0) context.out.write('Nothing to warn of.\n');
  else context.out.write(warningText(rows, paintFor(context, context.out)));
  return 0;
};
