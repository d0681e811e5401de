/** What `--help` says of one verb. */
export interface VerbHelp {
  readonly usage: string;
  /** In the list of all verbs. */
  readonly summary: string;
  /** On the verb's own page. */
  readonly description: string;
  readonly examples: readonly (readonly [command: string, what: string])[];
}

export const UP: VerbHelp = {
  usage: 'up [server...]',
  summary: 'start the servers of the config, or apply what changed',
  description:
    'Starts the supervisor and the servers, waits until each is ready, blocked or failed, and prints the ' +
    'endpoints. Where it runs already, config and env files are read again, and only servers whose settings ' +
    'changed are replaced. Naming servers starts those; naming none means all.',
  examples: [
    ['up', 'all servers of ecosystem.config.ts in this folder'],
    ['up --dry-run', 'what would be started, replaced or stopped, and why'],
    ['up sentry', 'this server, besides those that run'],
    ['up --foreground', 'for systemd or a container: stays until SIGTERM'],
  ],
};

export const DOWN: VerbHelp = {
  usage: 'down',
  summary: 'stop everything of this project',
  description:
    "Stops every server, the supervisor and this project's pm2 daemon, also after a crash of any of them. " +
    'No process is left. Logs, state and the clients’ token stay.',
  examples: [['down', 'leave no process']],
};

export const STATUS: VerbHelp = {
  usage: 'status',
  summary: 'show every server: state, restarts, memory, tools, warnings',
  description:
    'Shows every server, why it is in its state, its last reload, and the active warnings. A blocked server ' +
    'lacks something in the config or an env file; it starts by itself once that is there. ' +
    'Exit code 1 when no supervisor is running.',
  examples: [
    ['status', 'once'],
    ['status --watch', 'again every second, until Ctrl-C'],
    ['status --json', 'for scripts'],
  ],
};

export const LOGS: VerbHelp = {
  usage: 'logs [server...]',
  summary: "show the servers' output, merged in time order",
  description:
    'Shows what the servers wrote to stderr, and to stdout beside MCP messages, with the supervisor’s own log ' +
    '(its name is `supervisor`). Works while nothing runs, too.',
  examples: [
    ['logs', 'the last 50 lines of all'],
    ['logs -f sentry', 'follow one server, across restarts'],
    ['logs --since 10m --level warn', 'what went wrong lately'],
    ['logs supervisor', 'reloads, crashes, warnings'],
  ],
};

export const RESTART: VerbHelp = {
  usage: 'restart [server...]',
  summary: 'replace servers without waiting for a change',
  description:
    'Starts a new generation of each server and moves the clients to it; sessions and calls are kept. ' +
    'Naming none means all. Also the way to try a server again that was given up.',
  examples: [
    ['restart sentry', 'this server'],
    ['restart', 'all servers'],
  ],
};

export const WARNINGS: VerbHelp = {
  usage: 'warnings',
  summary: 'show what is wrong, and what to do about it',
  description:
    'Shows the active warnings: code, server, what is wrong, what to do, and where the code is explained. ' +
    'They resolve by themselves. Clients are told of those about their server; `warnings.webhook` in the ' +
    'config posts all of them.',
  examples: [
    ['warnings', 'what is active'],
    ['warnings --all', 'resolved ones too'],
  ],
};

export const DOCTOR: VerbHelp = {
  usage: 'doctor',
  summary: 'look for what is wrong around the project, and mend what is safe to mend',
  description:
    'Looks at versions, the config, env files (mode, git), tokens that are pasted elsewhere, commands, the ' +
    'port, and what crashes left behind. It works whether or not the supervisor runs and the config loads, ' +
    'and changes nothing without --fix. docs/doctor.md lists every check. Exit code 1 when an error is left; ' +
    'warnings are no failure.',
  examples: [
    ['doctor', 'what is wrong, and what to do about it'],
    ['doctor --fix', 'also close files to others, add to .gitignore, end what is left over'],
    ['doctor --json', 'for scripts'],
  ],
};

export const CHECK: VerbHelp = {
  usage: 'check [server...]',
  summary: 'say what a token can do, and which tools it lacks scopes for',
  description:
    'Asks the service behind each server about its token, whether anything runs or not: whether it is accepted, ' +
    'which scopes it has, which tools work, and why the others do not. Sentry is asked as it is; other servers ' +
    'need a `check` in the config. Exit code 0 when all that was asked for is there, 1 when not or not known.',
  examples: [
    ['check', 'all servers'],
    ['check sentry --json', 'for scripts'],
    ['check sentry --token-from-stdin < token.txt', 'a token that is not in .env yet, or its line'],
  ],
};

export const CONNECT: VerbHelp = {
  usage: 'connect <server>',
  summary: 'let a client that only starts commands use a server',
  description:
    'Passes MCP messages between stdin and stdout and the server’s endpoint. It is the command to put into ' +
    'the config of a client that cannot use a URL, such as Claude Desktop. Starts everything, as `up` does, ' +
    'where nothing runs; reads the token by itself; keeps the session across reloads and restarts, of the ' +
    'supervisor too. Nothing but MCP messages is written to stdout.',
  examples: [
    ['connect sentry', 'until stdin ends'],
    ['connect sentry --config /home/me/project/ecosystem.config.ts', 'from any folder'],
  ],
};

export const OVERVIEW: VerbHelp['examples'] = [
  ['init', 'make a config from what your MCP clients have'],
  ['up', 'start what ecosystem.config.ts lists, print the endpoints'],
  ['status', 'states, tools, restarts, warnings'],
  ['logs -f sentry', 'follow one server'],
  ['up --dry-run', 'what would change'],
  ['down', 'leave no process'],
];

/** Commands and what they do, in two columns. */
export function examplesText(examples: VerbHelp['examples']): string {
  const width = Math.max(...examples.map(([command]) => command.length));
  const lines = examples.map(([command, what]) => `  $ mcp-supervisor ${command.padEnd(width)}   ${what}\n`);
  return `\nExamples:\n${lines.join('')}`;
}
