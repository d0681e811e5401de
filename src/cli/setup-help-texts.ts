import type { VerbHelp } from './help-texts.ts';

export const INIT: VerbHelp = {
  usage: 'init',
  summary: 'make a config from the servers that your MCP clients have',
  description:
    'Looks for MCP servers in the files of Claude Code, VS Code, Cursor, Codex, Gemini CLI, Windsurf, Zed and ' +
    'Claude Desktop, asks which to take, and writes ecosystem.config.ts, .env.example and .gitignore. Secrets ' +
    'that are written into those files move to .env (0600); it says which, and never shows a value. The ' +
    'clients’ files are left as they are: client-config changes those.',
  examples: [
    ['init', 'choose from what is found'],
    ['init --dry-run --yes', 'what would be written, as a diff'],
    ['init --from .mcp.json', 'all servers of one file'],
    ['init --sentry', 'the Sentry server'],
  ],
};

export const CLIENT_CONFIG: VerbHelp = {
  usage: 'client-config <client>',
  summary: 'print or write what an MCP client’s config needs',
  description:
    'Prints the entries of all servers in the format of the client: claude-code, vscode, cursor, codex, gemini, ' +
    'windsurf, zed or claude-desktop. The token is never in them: they name the variable MCP_SUPERVISOR_TOKEN, ' +
    'or start `connect`, which reads the token by itself. Works whether the supervisor runs or not.',
  examples: [
    ['client-config claude-code', 'print it'],
    ['client-config claude-code --write', 'put it into .mcp.json'],
    ['client-config claude-code --remove', 'and take it out again'],
    ['client-config cursor --via stdio --server sentry', 'a command instead of a URL'],
  ],
};

export const ENV: VerbHelp = {
  usage: 'env [server]',
  summary: 'print what the env files export, for a shell to evaluate',
  description:
    'Prints the variables of the project’s env files, quoted for the shell, or with a server what that server ' +
    'is given from them. The files are read anew; nothing needs to run. Since these are secrets, it refuses ' +
    'to print to a terminal.',
  examples: [
    ['env', 'used as: eval "$(mcp-supervisor env)"'],
    ['env --shell fish', 'used as: mcp-supervisor env --shell fish | source'],
    ['env sentry --json', 'what one server is given, for scripts'],
  ],
};

export const EXEC: VerbHelp = {
  usage: 'exec [command...]',
  summary: 'run a command with what the env files export',
  description:
    'Runs a command, given after two dashes, in this environment with the variables of the project’s env ' +
    'files on top. There is no shell in between; signals go to the command, and its exit code is ours. ' +
    '127: there is no such program, 126: it cannot be run.',
  examples: [
    ['exec -- npm test', 'with what .env says'],
    ['exec --server sentry -- npx @sentry/mcp-server', 'with what this server is given'],
  ],
};

export const COMPLETION: VerbHelp = {
  usage: 'completion <shell>',
  summary: 'print the completion script of bash, zsh or fish',
  description:
    'Prints a script that makes the shell complete verbs, options, and the names of servers and clients. What ' +
    'it offers it asks this program, which then starts nothing and does not run the config.',
  examples: [
    ['completion bash', 'in ~/.bashrc: eval "$(mcp-supervisor completion bash)"'],
    ['completion zsh', 'in ~/.zshrc, behind compinit: eval "$(mcp-supervisor completion zsh)"'],
    ['completion fish', 'into ~/.config/fish/completions/mcp-supervisor.fish'],
  ],
};

export const STARTUP: VerbHelp = {
  usage: 'startup',
  summary: 'have the system start this project at boot or login',
  description:
    'Writes a systemd user unit, a launchd agent or a Windows scheduled task that runs `up --foreground`, and ' +
    'starts it. Run it again after a move of the project or an update of Node: the paths in it are absolute.',
  examples: [
    ['startup', 'from now on'],
    ['startup --print', 'only show the file'],
    ['startup --print --platform macos', 'that of another system'],
    ['unstartup', 'no more'],
  ],
};

export const UNSTARTUP: VerbHelp = {
  usage: 'unstartup',
  summary: 'undo startup: stop what it started, and remove the file',
  description: 'Stops the unit, agent or task that `startup` installed for this project, and removes it.',
  examples: [['unstartup', 'the system starts it no more']],
};
