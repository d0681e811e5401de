import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { openProject } from '../../../src/bin/open-project.ts';
import type { CliContext, ProjectAccess } from '../../../src/cli/context.ts';
import { runCli } from '../../../src/cli/program.ts';

export interface CliOutcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface CliWorld {
  readonly env?: Readonly<Record<string, string>>;
  readonly isTty?: boolean;
  readonly runCommand?: CliContext['runCommand'];
  readonly open?: (config: string | undefined) => ProjectAccess;
}

/** Runs a command line in a folder, in this process: the real CLI and project, with outputs that are kept. */
export async function runIn(dir: string, argv: readonly string[], world: CliWorld = {}): Promise<CliOutcome> {
  const { env = {}, isTty = false } = world;
  const outputs = { out: '', err: '' };
  const { signal } = new AbortController();
  const options = {
    cwd: dir,
    env,
    version: '1.2.3',
    pm2Version: '7.0.0',
    execPath: '/node',
    keeperScript: '/none/keeper.js',
    publicEntry: fileURLToPath(new URL('../../../src/index.ts', import.meta.url)),
    signal,
  };
  const terminal = (name: 'out' | 'err') => ({
    isTty,
    write: (text: string) => {
      outputs[name] += text;
    },
  });
  const context: CliContext = {
    env,
    out: terminal('out'),
    err: terminal('err'),
    signal,
    stdio: () => ({ input: process.stdin, output: process.stdout }),
    cwd: dir,
    home: join(dir, 'home'),
    self: { command: '/node', args: ['/dist/bin/mcp-supervisor.js'] },
    notify: async () => {},
    runCommand: world.runCommand ?? (async () => 0),
    stdin: () => Readable.from([]),
    openProject: world.open ?? ((config) => openProject({ ...options, config })),
  };
  const code = await runCli(context, options.version, argv);
  return { code, ...outputs };
}
