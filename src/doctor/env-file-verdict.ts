import type { EnvFileFacts } from './env-file-look.ts';
import { type Diagnosis, nameText, ok, problem, shellText } from './finding.ts';
import { ignoreRemedy } from './tracked-file.ts';

type File = Extract<EnvFileFacts, { kind: 'file' }>;

export interface EnvFileContext {
  /** The project's folder, without symlinks. */
  readonly root: string;
  /** Our user; null where files have no owner in this sense (Windows). */
  readonly uid: number | null;
  /** The servers that lack a variable. */
  readonly lacking: readonly string[];
}

/** One finding for each thing that can be wrong with an env file, also where it is right. */
export function judgeEnvFile(facts: EnvFileFacts, context: EnvFileContext): Diagnosis[] {
  const name = nameText(facts.name);
  switch (facts.kind) {
    case 'missing':
      return [judgeMissing(facts.name, context.lacking)];
    case 'unusable':
      return [
        problem('error', `env-file.usable:${facts.name}`, {
          title: `${name} ${facts.problem}`,
          hint: 'Put a text file of KEY=value lines there, with mode 600.',
        }),
      ];
    case 'file':
      return [
        judgeContent(facts, name),
        ...(context.uid === null ? [] : [judgeMode(facts, name, context.uid)]),
        ...judgeGit(facts, name, context.root),
      ];
  }
}

function judgeMissing(file: string, lacking: readonly string[]): Diagnosis {
  const id = `env-file.usable:${file}`;
  const name = nameText(file);
  if (lacking.length === 0) return ok(id, `${name} is not there, and no server lacks it`);
  return problem('warning', id, {
    title: `${name} is not there`,
    detail: `Servers that lack a variable: ${lacking.join(', ')}.`,
    hint: `Make it with mode 600 and put the variables there; \`mcp-supervisor up --dry-run\` and \`warnings\` name them.`,
  });
}

function judgeContent({ name: file, reading }: File, name: string): Diagnosis {
  const id = `env-file.usable:${file}`;
  switch (reading.kind) {
    case 'ok':
      if (reading.ignoredLines.length === 0) return ok(id, `${name} can be read`, count(reading.values));
      return problem('warning', id, {
        title: `${name} has lines that are neither KEY=value nor a comment`,
        detail: `Line ${reading.ignoredLines.join(', ')}.`,
        hint: 'Write KEY=value, or put a # before it.',
      });
    case 'empty':
      return ok(id, `${name} is empty`);
    case 'missing':
      return ok(id, `${name} went away just now`);
    case 'bad':
      return problem('error', id, {
        title: `${name} ${reading.problem}`,
        hint: 'Mend it; a running supervisor goes on with the values that it had before.',
      });
  }
}

function count(values: Readonly<Record<string, string>>): string {
  const keys = Object.keys(values).length;
  return keys === 1 ? '1 variable' : `${keys} variables`;
}

function judgeMode(facts: File, name: string, uid: number): Diagnosis {
  const { mode, realPath, isOutside } = facts;
  const id = `env-file.mode:${facts.name}`;
  const octal = mode.toString(8).padStart(4, '0');
  if (facts.uid !== uid && facts.uid !== 0) {
    return problem('warning', id, {
      title: `${name} belongs to another user (${facts.uid})`,
      detail: `Whoever owns it can read it and change it, whatever its mode (${octal}).`,
      hint: `Take it over: chown ${uid} and chmod 600.`,
    });
  }
  if ((mode & 0o077) === 0) return ok(id, `${name} is closed to other users`, `mode ${octal}`);
  const isWritable = (mode & 0o022) !== 0;
  const where = facts.isLink
    ? `It is a symlink to ${nameText(realPath)}, of mode ${octal}.`
    : `Its mode is ${octal}.`;
  // One that is elsewhere may be others' to read on purpose.
  const remedy =
    facts.uid === uid && !isOutside ? ({ kind: 'chmod', path: realPath, mode: 0o600 } as const) : null;
  return problem(
    isWritable ? 'error' : 'warning',
    id,
    {
      title: `Other users of this machine can ${isWritable ? 'change' : 'read'} ${name}`,
      detail: where,
      hint: `chmod 600 ${shellText(realPath)}${remedy === null ? '' : ' (--fix does it)'}`,
    },
    remedy,
  );
}

function judgeGit(facts: File, name: string, root: string): Diagnosis[] {
  const { git, realPath } = facts;
  const id = `env-file.git:${facts.name}`;
  const past = facts.pastCommits.map((one) => inHistory(one.name, one.commit));
  if (git.kind === 'none') return [ok(id, `${name} is in no git repository`), ...past];
  if (git.kind === 'unknown')
    return [ok(id, `Whether git knows ${name} was not looked at`, git.why), ...past];
  const findings: Diagnosis[] = [];
  if (git.tracked.length > 0) {
    findings.push(
      problem('error', id, {
        title: `${name} is tracked by git`,
        detail: 'Whoever gets the repository gets its secrets.',
        hint: `git rm --cached ${shellText(facts.name)}, ignore it, commit that; then make new tokens: the old ones are in the history.`,
      }),
    );
  } else if (!git.ignored) {
    const remedy = ignoreRemedy(realPath, root, git);
    const how =
      remedy === null
        ? `Add it to a .gitignore of ${nameText(git.top)}.`
        : 'Add it to .gitignore (--fix does it).';
    const text = {
      title: `${name} is not ignored by git`,
      detail: 'The next `git add .` takes it.',
      hint: how,
    };
    findings.push(problem('warning', id, text, remedy));
  } else findings.push(ok(id, `${name} is ignored by git, and not tracked`));
  if (git.commit !== null) findings.push(inHistory(facts.name, git.commit));
  else if (git.unsure !== null) {
    const title = `The history of ${name} was not looked through`;
    const hint = `git log --all --oneline -- ${shellText(facts.name)} should show nothing.`;
    findings.push(problem('warning', `env-file.history:${facts.name}`, { title, detail: git.unsure, hint }));
  }
  return [...findings, ...past];
}

function inHistory(file: string, commit: string): Diagnosis {
  return problem('error', `env-file.history:${file}`, {
    title: `${nameText(file)} is in the history of git`,
    detail: `Commit ${commit} has it: deleting the file later takes no secret back.`,
    hint:
      'Make new tokens and revoke the old ones, whoever may have seen them. Then purge it: ' +
      `git filter-repo --invert-paths --path ${shellText(file)} (https://github.com/newren/git-filter-repo), and force-push every branch and tag.`,
  });
}
