import { Command, CommanderError } from 'commander';
import { check } from './check.ts';
import { clientConfig } from './client-config.ts';
import { complete, completion } from './completion.ts';
import { connect } from './connect.ts';
import { type CliContext, type CommonOptions, INTERRUPTED, type Verb } from './context.ts';
import { doctor } from './doctor.ts';
import { down } from './down.ts';
import { env } from './env.ts';
import { exec } from './exec.ts';
import {
  CHECK,
  CONNECT,
  DOCTOR,
  DOWN,
  examplesText,
  LOGS,
  OVERVIEW,
  RESTART,
  STATUS,
  UP,
  type VerbHelp,
  WARNINGS,
} from './help-texts.ts';
import { init } from './init.ts';
import { logs } from './logs.ts';
import { errorJson, errorText, exitCodeOf } from './render/error-text.ts';
import { paintFor } from './render/paint.ts';
import { restart } from './restart.ts';
import { CLIENT_CONFIG, COMPLETION, ENV, EXEC, INIT, STARTUP, UNSTARTUP } from './setup-help-texts.ts';
import { startup, unstartup } from './startup.ts';
import { status } from './status.ts';
import { up } from './up.ts';
import { warnings } from './warnings.ts';

/** Runs one command line; resolves with its exit code. `argv` is without node and script. */
export async function runCli(context: CliContext, version: string, argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = createProgram(context, version, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (context.signal.aborted) {
      context.err.write('Interrupted.\n');
      return INTERRUPTED;
    }
    if (ownOptions(argv).includes('--json')) context.out.write(errorJson(error));
    else context.err.write(errorText(error, paintFor(context, context.err)));
    return exitCodeOf(error);
  }
}

/** What follows two dashes is another command's. */
function ownOptions(argv: readonly string[]): readonly string[] {
  return argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
}

function createProgram(context: CliContext, version: string, done: (exitCode: number) => void): Command {
  const program = new Command('mcp-supervisor')
    .description(
      'Runs MCP servers under pm2, reloads them when .env changes, says which scopes a token lacks.',
    )
    .version(version, '-V, --version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.out.write(text),
      writeErr: (text) => context.err.write(text),
    })
    .showSuggestionAfterError()
    .showHelpAfterError('See `mcp-supervisor --help`, or `mcp-supervisor <command> --help`.')
    .addHelpText('after', `${examplesText(OVERVIEW)}\n${EXIT_CODES}`);

  const verb = <Options extends CommonOptions>(help: VerbHelp, run: Verb<Options>) => {
    return program
      .command(help.usage)
      .summary(help.summary)
      .description(help.description)
      .option('-c, --config <file>', 'the config; default: ecosystem.config.ts in this folder')
      .addHelpText('after', examplesText(help.examples))
      .action(async (...args: unknown[]) => {
        // The arguments of the usage, then the options and the command itself.
        const names = args.slice(0, -2).flat() as string[];
        done(await run(context, names, args.at(-2) as Options));
      });
  };
  const printing = <Options extends CommonOptions>(help: VerbHelp, run: Verb<Options>) =>
    verb(help, run).option('--json', 'print JSON, for scripts');

  printing(UP, up)
    .option('--dry-run', 'show what would be done, and do nothing')
    .option('--foreground', 'stay, show the logs, and stop everything at Ctrl-C')
    .option('--no-wait', 'do not wait until every server is ready or has failed')
    .option(
      '--sentry-add-scopes <list>',
      'instead of addScopes of sentry({ … }), until the next up; "" for none',
    )
    .option('--sentry-organization-slug <slug>', 'instead of its organizationSlug')
    .option('--sentry-project-slug <slug>', 'instead of its projectSlug');
  printing(DOWN, down);
  printing(STATUS, status).option('-w, --watch', 'show it again every second');
  printing(LOGS, logs)
    .option('-f, --follow', 'go on with what comes')
    .option('-n, --lines <count>', 'how many of the last lines; default: 50, with --since all')
    .option('--since <time>', 'from then on: 10m, 2h, 1d, or an ISO time')
    .option('--level <level>', 'that level and above: debug, info, warn, error');
  printing(RESTART, restart).option('--no-wait', 'do not wait until they are ready or have failed');
  printing(WARNINGS, warnings).option('-a, --all', 'resolved ones too');
  printing(DOCTOR, doctor).option(
    '--fix',
    'mend what is safe to mend: modes, .gitignore, stale sockets, processes that are left over',
  );
  printing(CHECK, check)
    .option('--token-from-stdin', 'try a token before it is saved')
    .option('--variable <name>', 'the variable that it is to stand in; default: SENTRY_AUTH_TOKEN');
  verb(CONNECT, connect);
  printing(INIT, init)
    .option('-y, --yes', 'take all servers that are found')
    .option('--from <file>', "take the servers of this client's file, and no others")
    .option('--sentry', 'add the Sentry server')
    .option('--vscode', 'write .vscode/tasks.json too; done anyway where there is a .vscode')
    .option('--force', 'write a new config although there is one')
    .option('--dry-run', 'show what would be written, and write nothing');
  printing(CLIENT_CONFIG, clientConfig)
    .option('--write', "put it into the client's file, after a backup")
    .option('--remove', 'take what was written out again')
    .option('--server <name...>', 'these servers only')
    .option('--via <transport>', 'http or stdio; default: http where the token can stay out of the file');
  printing(ENV, env)
    .option('--shell <shell>', 'sh, bash, zsh, fish, pwsh or cmd; default: that of SHELL')
    .option('--show', 'print the secrets to a terminal, too');
  verb(EXEC, exec).option(
    '--server <name>',
    'what this server is given, instead of all that the files export',
  );
  printing(STARTUP, startup)
    .option('--print', 'only show what would be written')
    .option('--platform <name>', 'with --print: linux, macos or windows; default: this one')
    .option('--remove', 'the same as unstartup');
  printing(UNSTARTUP, unstartup);
  verb(COMPLETION, completion);
  program
    .command('complete [words...]', { hidden: true })
    .action((words: readonly string[]) => complete(context, program, words));
  return program;
}

const EXIT_CODES = 'Exit codes: 0 ok, 1 failed, 2 config or usage, 3 unknown server.';
