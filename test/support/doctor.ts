import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Finding } from '../../src/doctor/finding.ts';
import { REPO } from './cli.ts';
import type { TestProject } from './project.ts';

const PAGE = readFileSync(`${REPO}/docs/doctor.md`, 'utf8');

export interface Examined {
  readonly code: number | null;
  readonly findings: readonly Finding[];
  /** The finding of this id, which must be there. */
  readonly one: (id: string) => Finding;
  /** What is not ok, by id. */
  readonly wrong: Readonly<Record<string, string>>;
}

/** Runs the real `doctor --json`. */
export async function examined(project: TestProject, ...args: readonly string[]): Promise<Examined> {
  const { code, stdout, stderr } = await project.cli('doctor', '--json', ...args);
  if (stderr !== '') throw new Error(`doctor wrote to stderr: ${stderr}`);
  const findings = JSON.parse(stdout) as Finding[];
  const undocumented = findings.filter(({ id }) => !PAGE.includes(`\`${id.split(':')[0]}\``));
  if (undocumented.length > 0) throw new Error(`docs/doctor.md lacks ${undocumented.map(({ id }) => id)}`);
  const one = (id: string) => {
    const finding = findings.find((candidate) => candidate.id === id);
    if (finding === undefined) throw new Error(`no finding ${id} among ${findings.map((any) => any.id)}`);
    return finding;
  };
  const wrong = findings.filter(({ status }) => status !== 'ok').map(({ id, status }) => [id, status]);
  return { code, findings, one, wrong: Object.fromEntries(wrong) };
}

/** Real git, with nobody's settings. */
export function git(cwd: string, ...args: readonly string[]): string {
  const { PATH = '' } = process.env;
  const env = { PATH, HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' };
  const settings = ['user.name=t', 'user.email=t@t', 'protocol.file.allow=always', 'init.defaultBranch=main'];
  const all = [...settings.flatMap((setting) => ['-c', setting]), ...args];
  return execFileSync('git', all, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
