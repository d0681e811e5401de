import type { Finding } from '../doctor/finding.ts';
import type { CommonOptions, Verb } from './context.ts';
import { findingText } from './render/finding-text.ts';
import { paintFor } from './render/paint.ts';

export interface DoctorOptions extends CommonOptions {
  readonly fix?: boolean;
}

/** Looks for what is wrong around the project. Exit code 1 where an error is left. */
export const doctor: Verb<DoctorOptions> = async (context, _names, options) => {
  const findings = await context.openProject(options.config).examine(options.fix === true);
  if (options.json === true) context.out.write(`${JSON.stringify(findings)}\n`);
  else context.out.write(findingText(findings, paintFor(context, context.out)));
  return findings.some(isError) ? 1 : 0;
};

function isError({ status }: Finding): boolean {
  return status === 'error';
}
