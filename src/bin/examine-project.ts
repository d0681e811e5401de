import { type ExamineOptions, examine } from '../doctor/examine.ts';
import type { Finding } from '../doctor/finding.ts';
import { pm2Root } from '../engine/pm2-package.ts';
import { homeOf } from './environment.ts';

export interface ExamineProject extends Omit<ExamineOptions, 'home' | 'versions'> {
  readonly version: string;
  readonly pm2Version: string;
  readonly execPath: string;
}

/** `doctor`. In a file of its own since it loads what reads a config, which most verbs leave to the supervisor. */
export function examineProject(options: ExamineProject, fix: boolean): Promise<Finding[]> {
  const { version, pm2Version, execPath } = options;
  const { node } = process.versions;
  const versions = { node, execPath, own: version, pm2: pm2Version, pm2Root: pm2Root() };
  return examine({ ...options, home: homeOf(options.env), versions }, fix);
}
