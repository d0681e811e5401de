import { Command, CommanderError } from 'commander';
import type { CliContext, CommonOptions, Verb } from './context.ts';
import { down } from './down.ts';
import { logs } from './logs.ts';
import { errorJson, errorText, exitCodeOf } from './render/error-text.ts';
import { paintFor } from './render/paint.ts';
import { restart } from './restart.ts';
import { status } from './status.ts';
import { up } from './up.ts';
import { warnings } from './warnings.ts';

/** As a shell reports a program that Ctrl-C ended. */
const INTERRUPTED = 130;

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
    if (argv.includes('--json')) context.out.write(errorJson(error));
    else context.err.write(errorText(error, paintFor(context, context.err)));
    return exitCodeOf(error);
  }
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
    .addHelpText('after', EXAMPLES);

  const verb = <Options extends CommonOptions>(usage: string, description: string, run: Verb<Options>) => {
    const takesNames = usage.includes('[server');
    return program
      .command(usage)
      .description(description)
      .option('-c, --config <file>', 'the config; default: ecosystem.config.ts in this folder')
      .option('--json', 'print JSON')
      .action(async (...args: unknown[]) => {
        const [names, options] = takesNames ? [args[0], args[1]] : [[], args[0]];
        done(await run(context, names as string[], options as Options));
      });
  };

  verb('up [server...]', 'start the supervisor, or reconcile a running one', up)
    .option('--dry-run', 'show what would be done')
    .option('--foreground', 'stay, show the logs, and stop everything at Ctrl-C')
    .option('--no-wait', 'do not wait until every server is ready or has failed');
  verb('down', 'stop everything of this project', down);
  verb('status', 'show every server', status).option('-w, --watch', 'show it again every second');
  verb('logs [server...]', 'show the logs, merged in time order', logs)
    .option('-f, --follow', 'go on with what comes')
    .option('-n, --lines <count>', 'how many of the last lines; default 50, with --since all')
    .option('--since <time>', 'from then on: 10m, 2h, 1d, or an ISO time')
    .option('--level <level>', 'that level and above: debug, info, warn, error');
  verb('restart [server...]', 'replace servers without waiting for a change', restart).option(
    '--no-wait',
    'do not wait until they are ready or have failed',
  );
  verb('warnings', 'show what is wrong and what to do', warnings).option('-a, --all', 'resolved ones too');
  return program;
}

const EXAMPLES = `
Examples:
  $ mcp-supervisor up                 start what ecosystem.config.ts lists, print the endpoints
  $ mcp-supervisor status             states, tools, restarts, warnings
  $ mcp-supervisor logs -f sentry     follow one server
  $ mcp-supervisor up --dry-run       what would change
  $ mcp-supervisor down               leave no process

Exit codes: 0 ok, 1 failed, 2 config or usage, 3 unknown server.
`;
