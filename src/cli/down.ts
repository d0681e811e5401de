import type { Verb } from './context.ts';
import { withProgress } from './progress.ts';

/** Stops every server, the supervisor and this project's pm2 daemon. */
export const down: Verb = async (context, _names, options) => {
  const project = context.openProject(options.config);
  const notes = await withProgress(context, 'Stopping everything', () => project.tearDown(context.signal));
  if (options.json === true) context.out.write(`${JSON.stringify({ notes })}\n`);
  else {
    for (const note of notes) context.err.write(`${note}\n`);
    context.out.write('Everything of this project is stopped.\n');
  }
  return 0;
};
