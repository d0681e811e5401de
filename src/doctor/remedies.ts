import { constants, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import { isSameProcess, sweepGroup } from '../runner/process-group.ts';
import { endTree } from './end-tree.ts';
import type { Diagnosis, Finding, Remedy } from './finding.ts';
import type { Git } from './git.ts';
import { ignoreAddition } from './ignore-text.ts';
import { isStaleSocket } from './runtime-look.ts';

const TERM_MS = 3_000;

/** Carries out the remedies, one after the other: two of them may write to the same file. */
export async function applyRemedies(
  diagnoses: readonly Diagnosis[],
  git: Git,
  locked: (work: () => Promise<string>) => Promise<string>,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { finding, remedy } of diagnoses) {
    findings.push(remedy === null ? finding : await attempt(finding, () => apply(remedy, git, locked)));
  }
  return findings;
}

/** What cannot be mended is said, and is no reason to leave the rest. */
async function attempt(finding: Finding, work: () => Promise<string>): Promise<Finding> {
  try {
    return { ...finding, status: 'fixed', detail: await work(), hint: '' };
  } catch (error) {
    const why = `--fix could not do it: ${messageOf(error)}`;
    return { ...finding, detail: [finding.detail, why].filter((text) => text !== '').join(' ') };
  }
}

/** Resolves with what was done. */
function apply(
  remedy: Remedy,
  git: Git,
  locked: (work: () => Promise<string>) => Promise<string>,
): Promise<string> {
  switch (remedy.kind) {
    case 'chmod':
      return chmod(remedy.path, remedy.mode);
    case 'git-ignore':
      return ignore(remedy, git);
    case 'remove-sockets':
      return locked(() => removeSockets(remedy.paths));
    case 'sweep-groups':
      return locked(() => sweep(remedy.files));
    case 'end-process':
      return end(remedy);
  }
}

/** Of the very file that is opened, so that no symlink can be put in its place. */
async function chmod(path: string, mode: number): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = await file.stat();
    if (stat.uid !== userInfo().uid) throw new Error('it belongs to another user');
    await file.chmod(mode);
    return `It has mode ${mode.toString(8).padStart(4, '0')} now.`;
  } finally {
    await file.close();
  }
}

async function ignore(remedy: Extract<Remedy, { kind: 'git-ignore' }>, git: Git): Promise<string> {
  const { dir, pattern, path } = remedy;
  // A line for another finding may have done it.
  if ((await git.isIgnored(path)) === true) return 'A line of .gitignore names it now.';
  const file = join(dir, '.gitignore');
  const { O_APPEND, O_CREAT, O_RDWR, O_NOFOLLOW } = constants;
  // Git does not follow a symlink of this name, nor do we.
  const handle = await open(file, O_APPEND | O_CREAT | O_RDWR | O_NOFOLLOW, 0o644);
  try {
    const text = await handle.readFile('latin1');
    if (text.includes('\0')) throw new Error('.gitignore is not UTF-8 text, so git cannot read it either');
    const lines = text.split(/\r?\n/);
    if (lines.includes(Buffer.from(pattern).toString('latin1')))
      throw new Error(`.gitignore has ${pattern} already, and something after it takes it back`);
    await handle.appendFile(ignoreAddition(text, pattern));
  } finally {
    await handle.close();
  }
  if ((await git.isIgnored(path)) !== true)
    throw new Error(`${pattern} was added to .gitignore, and another .gitignore takes it back`);
  return `.gitignore has ${pattern} now.`;
}

/** Looked at once more: `up` may have come in between. */
async function removeSockets(paths: readonly string[]): Promise<string> {
  for (const path of paths) if (await isStaleSocket(path)) rmSync(path, { force: true });
  return `Removed: ${paths.join(', ')}.`;
}

async function sweep(files: readonly string[]): Promise<string> {
  const swept = await Promise.all(files.map((file) => sweepGroup(file, TERM_MS)));
  return `Ended ${swept.filter(Boolean).length} of ${files.length}; the others were gone.`;
}

async function end({ identity }: Extract<Remedy, { kind: 'end-process' }>): Promise<string> {
  await endTree(identity, TERM_MS);
  if (isSameProcess(identity)) throw new Error('it is still there');
  return 'It has ended.';
}
