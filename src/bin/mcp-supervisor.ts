#!/usr/bin/env node
import { setMaxListeners } from 'node:events';
import { realpathSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { CliContext, Terminal } from '../cli/context.ts';
import { runCli } from '../cli/program.ts';
import { pm2Version } from '../engine/pm2-package.ts';
import { hasCode, SupervisorError } from '../errors.ts';
import { definedEnv, homeOf, scrubProcessEnv, VERSION } from './environment.ts';
import { systemdNotifier } from './notify-systemd.ts';
import { openProject } from './open-project.ts';
import { runCommand } from './run-command.ts';

const env = definedEnv(process.env);
scrubProcessEnv();

const interrupt = new AbortController();
// As many wait for it as there are servers.
setMaxListeners(0, interrupt.signal);
process.once('SIGINT', () => interrupt.abort());
process.once('SIGTERM', () => interrupt.abort());
process.once('SIGHUP', () => interrupt.abort());

const terminal = (stream: NodeJS.WriteStream): Terminal => ({
  isTty: stream.isTTY === true,
  get columns() {
    return stream.columns;
  },
  write: (text) => void stream.write(text),
});
// `mcp-supervisor logs | head`: the reader has had enough, which is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
// Nor is one that does not read what goes on.
process.stderr.on('error', () => {});

/** A pipe that a slow reader does not stop us with, as process.stdout does; a file never does. */
function ownStdout(): Writable {
  return process.stdout instanceof Socket && !process.stdout.isTTY ? new Socket({ fd: 1 }) : process.stdout;
}

/** npx may throw its copy away at any time, so a client must not be told to start that. */
function self(): CliContext['self'] {
  const script = realpathSync(fileURLToPath(import.meta.url));
  return /[\\/]_npx[\\/]/.test(script)
    ? { command: 'npx', args: ['-y', `mcp-supervisor@${VERSION}`] }
    : { command: process.execPath, args: [script] };
}

/** A shell may stand in a folder that was removed. */
function currentFolder(): string {
  try {
    return process.cwd();
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    const message = 'The folder that this was started in is gone';
    throw new SupervisorError('usage.invalid', message, 'Change into one that is there.');
  }
}

const context: CliContext = {
  get cwd() {
    return currentFolder();
  },
  home: homeOf(env),
  self: self(),
  env,
  out: terminal(process.stdout),
  err: terminal(process.stderr),
  signal: interrupt.signal,
  stdin: () => process.stdin,
  stdio: () => ({ input: process.stdin, output: ownStdout() }),
  notify: systemdNotifier(env, (problem) => void process.stderr.write(problem)),
  runCommand: (program, args, childEnv) =>
    runCommand({
      program,
      args,
      env: childEnv,
      onProblem: (problem) => void process.stderr.write(problem),
    }),
  openProject: (config) =>
    openProject({
      cwd: currentFolder(),
      config,
      env,
      version: VERSION,
      pm2Version: pm2Version(),
      execPath: process.execPath,
      keeperScript: fileURLToPath(new URL('./keeper.js', import.meta.url)),
      publicEntry: fileURLToPath(new URL('../index.js', import.meta.url)),
      signal: interrupt.signal,
    }),
};

const exitCode = await runCli(context, VERSION, process.argv.slice(2));
// pm2's client may keep timers for ever, so this process ends itself, once its output is out.
process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
