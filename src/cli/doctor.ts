import type { Finding } from '../doctor/finding.ts';
import type { CommonOptions, Verb } from './context.ts';
import { withProgress } from './progress.ts';
import { findingText } from './render/finding-text.ts';
import { paintFor } from './render/paint.ts';

export interface DoctorOptions extends CommonOptions {
  readonly fix?: boolean;
}

/** Looks for what is wrong around the project. Exit code 1 where an error is left. */
export const doctor: Verb<DoctorOptions> = async (context, _names, options) => {
  const project = context.openProject(options.config);
  const looking = () => project.examine(options.fix === true);
  const findings = await withProgress(context, 'Looking around the project', looking);
  if (options.json === true) context.out.write(`${JSON.stringify(findings)}\n`);
  else context.out.write(findingText(findings, paintFor(context, context.out)));
  return findings.some(isError) ? 1 : 0;
};

function isError({ status }: Finding): boolean {
  return status === 'error';
}
