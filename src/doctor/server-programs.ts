import { accessSync, constants, statSync } from 'node:fs';
import { basename, isAbsolute, resolve } from 'node:path';
import type { Launch, ServerName } from '../model.ts';
import { parseNpx } from '../servers/npx.ts';
import { realPath } from './tracked-file.ts';

/** What tells a process of a server from others. */
export interface ServerProgram {
  readonly name: ServerName;
  /** Its whole command line. */
  readonly argv: readonly string[];
  /** The file that is this server and nothing else, without symlinks; null where there is none to tell by. */
  readonly file: string | null;
  /** What must follow it, where it is a tool that runs others: `tsx server.ts`. */
  readonly subject: string | null;
  /** The package that npx runs. */
  readonly packageName: string | null;
}

const INTERPRETER = /^(?:node|nodejs|bun|deno|python[\d.]*|ruby|php|perl)(?:\.exe)?$/;
/** What the system puts before a script's name. */
export const RUNS_SCRIPTS = /^(?:node|nodejs|bun|deno|python[\d.]*|ruby|php|perl|sh|bash|dash|zsh|env)$/;

/** `root` is without symlinks. A program from elsewhere (npm, docker, uvx) runs anything: its file tells nothing. */
export function serverProgram(name: ServerName, { command, args, cwd }: Launch, root: string): ServerProgram {
  const argv = [command, ...args];
  const call = basename(command) === 'npx' ? parseNpx(args) : null;
  const none = { name, argv, file: null, subject: null, packageName: call?.packageName ?? null };
  if (INTERPRETER.test(basename(command))) {
    const index = args.findIndex((arg) => !arg.startsWith('-'));
    // `node -e code`, `python -m module`: what follows an option is no script, as far as we can tell.
    const script = index === 0 ? realPath(resolve(cwd, args[0] ?? '')) : null;
    const next = args[1];
    const subject = next === undefined || next.startsWith('-') ? null : next;
    return { ...none, file: script, subject };
  }
  const real = isAbsolute(command) ? realPath(command) : null;
  return { ...none, file: real?.startsWith(`${root}/`) ? real : null };
}

export type CommandFinding = 'ok' | 'no-folder' | 'not-found' | 'not-executable';

/** Whether the system would find the program, as it does when the server is started: with the server's own PATH. */
export function findCommand({ command, cwd, env }: Launch): CommandFinding {
  if (!isFolder(cwd)) return 'no-folder';
  const folders = (env['PATH'] ?? '/usr/local/bin:/bin:/usr/bin').split(
    process.platform === 'win32' ? ';' : ':',
  );
  const extensions = process.platform === 'win32' ? ['', '.exe', '.cmd', '.bat', '.com'] : [''];
  const candidates = /[/\\]/.test(command)
    ? [resolve(cwd, command)]
    : folders.map((folder) => resolve(cwd, folder, command));
  const files = candidates.flatMap((path) => extensions.map((extension) => path + extension)).filter(isFile);
  if (files.some(isExecutable)) return 'ok';
  return files.length > 0 ? 'not-executable' : 'not-found';
}

function isFolder(path: string): boolean {
  return kindOf(path)?.isDirectory() === true;
}

function isFile(path: string): boolean {
  return kindOf(path)?.isFile() === true;
}

function kindOf(path: string): ReturnType<typeof statSync> {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    // Behind a folder that is closed to us, or that is none.
    return undefined;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
