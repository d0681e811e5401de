import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServerStatus, StatusReport, Warning } from '../../src/model.ts';
import { type Outcome, type Run, startCli } from './cli.ts';
import { type ProcessRow, processesOf } from './processes.ts';
import { until } from './until.ts';

export interface ProjectOptions {
  /** `servers` of the config. */
  readonly servers?: Record<string, unknown>;
  readonly gateway?: Record<string, unknown>;
  /** The text of `.env`. */
  readonly env?: string;
  /** A folder below the temp dir, for long paths. */
  readonly below?: string;
  /** More environment for the CLI. */
  readonly shell?: Record<string, string>;
}

/** Values that no output and no file but the env files may show. */
const CANARY = /sntry[us]_[a-z-]+_[A-Za-z0-9]+|canary-[A-Za-z0-9-]+/g;

/** A temp project with a supervisor of its own; disposing of it proves that nothing was left behind. */
export class TestProject implements AsyncDisposable {
  readonly dir: string;
  readonly home: string;
  readonly #base: string;
  readonly #shell: Record<string, string>;
  readonly #outputs: string[] = [];

  constructor(options: ProjectOptions = {}) {
    this.#base = realpathSync(mkdtempSync(join(tmpdir(), 'mcps-test-')));
    this.dir = join(this.#base, options.below ?? 'project');
    this.home = join(this.#base, 'home');
    mkdirSync(this.dir, { recursive: true });
    mkdirSync(this.home);
    this.#shell = options.shell ?? {};
    if (options.env !== undefined) this.write('.env', options.env);
    if (options.servers !== undefined) this.configure(options.servers, options.gateway);
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  write(name: string, text: string): void {
    writeFileSync(this.path(name), text, { mode: 0o600 });
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  /** Writes the config. The port is any that is free. */
  configure(servers: Record<string, unknown>, gateway: Record<string, unknown> = {}): void {
    this.write(
      'ecosystem.config.json',
      JSON.stringify({ gateway: { port: 0, ...gateway }, servers }, null, 2),
    );
  }

  /** The environment of whoever uses the project. */
  get shell(): Record<string, string> {
    const { PATH = '', TMPDIR } = process.env;
    return { PATH, HOME: this.home, ...(TMPDIR === undefined ? {} : { TMPDIR }), ...this.#shell };
  }

  /** Starts a verb without waiting for it. */
  start(...args: readonly string[]): Run {
    return this.#keep(startCli(this.dir, this.shell, args));
  }

  #keep(run: Run): Run {
    void run.outcome.then(({ stdout, stderr }) => this.#outputs.push(stdout, stderr));
    return run;
  }

  cli(...args: readonly string[]): Promise<Outcome> {
    return this.start(...args).outcome;
  }

  /** A verb with something to read from stdin. */
  given(input: string, ...args: readonly string[]): Promise<Outcome> {
    return this.#keep(startCli(this.dir, this.shell, args, input)).outcome;
  }

  /** A verb that must succeed. */
  async ok(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.cli(...args);
    if (code !== 0)
      throw new Error(`mcp-supervisor ${args.join(' ')} exited with ${code}:\n${stdout}\n${stderr}`);
    return stdout;
  }

  async status(): Promise<StatusReport> {
    return JSON.parse((await this.cli('status', '--json')).stdout) as StatusReport;
  }

  async server(name: string): Promise<ServerStatus> {
    const row = (await this.status()).servers.find((server) => server.name === name);
    if (row === undefined) throw new Error(`status does not show ${name}`);
    return row;
  }

  async warnings(...args: readonly string[]): Promise<Warning[]> {
    return JSON.parse((await this.cli('warnings', '--json', ...args)).stdout) as Warning[];
  }

  /** Waits until the server's row is as wanted. */
  serverWhere(name: string, what: string, matches: (row: ServerStatus) => boolean): Promise<ServerStatus> {
    return until(`${name} ${what}`, async () => {
      const row = await this.server(name);
      return matches(row) ? row : Promise.reject(new Error(JSON.stringify(row)));
    });
  }

  ready(name: string): Promise<ServerStatus> {
    return this.serverWhere(name, 'ready', ({ state }) => state === 'ready');
  }

  warning(code: string): Promise<Warning> {
    return until(`warning ${code}`, async () => (await this.warnings()).find((row) => row.code === code));
  }

  /** What this user's supervisor listens on, and what it lets in. */
  async endpoint(name: string): Promise<{ url: string; token: string }> {
    return { url: (await this.server(name)).url, token: this.read('.mcp-supervisor/token').trim() };
  }

  processes(): ProcessRow[] {
    return processesOf(this.dir);
  }

  pidIn(file: string): number {
    return (JSON.parse(this.read(`.mcp-supervisor/${file}`)) as { pid: number }).pid;
  }

  /** Ends the supervisor without a word, and waits for another; `meanwhile` is done before that can be there. */
  async killSupervisor(meanwhile: () => void = () => {}): Promise<void> {
    const victim = this.pidIn('supervisor.json');
    process.kill(victim, 'SIGKILL');
    meanwhile();
    await until('another supervisor', () => this.pidIn('supervisor.json') !== victim);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ran = existsSync(this.path('.mcp-supervisor'));
    const down = ran ? await this.cli('down') : { code: 0, stdout: '', stderr: '' };
    const survivors = this.processes();
    for (const { pid } of survivors) process.kill(pid, 'SIGKILL');
    const leaks = this.#leaks();
    rmSync(this.#base, { recursive: true, force: true, maxRetries: 5 });
    if (survivors.length > 0) throw new Error(`these processes survived: ${JSON.stringify(survivors)}`);
    if (leaks.length > 0) throw new Error(`secrets were found in ${leaks.join(', ')}`);
    if (down.code !== 0) throw new Error(`down failed: ${down.stdout}${down.stderr}`);
  }

  /** The files and outputs of ours that show a value of an env file. */
  #leaks(): string[] {
    const files = ['.mcp-supervisor', 'logs'].flatMap((folder) => this.#filesBelow(folder));
    const texts: [string, string][] = files.map((file) => [file, this.read(file)]);
    for (const output of this.#outputs) texts.push(['an output', output]);
    const envFiles = readdirSync(this.dir).filter((name) => name.startsWith('.env'));
    const secrets = envFiles.flatMap((name) => this.read(name).match(CANARY) ?? []);
    return texts.filter(([, text]) => secrets.some((secret) => text.includes(secret))).map(([name]) => name);
  }

  #filesBelow(folder: string): string[] {
    try {
      const entries = readdirSync(this.path(folder), { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile());
      return files.map((entry) => join(entry.parentPath, entry.name).slice(this.dir.length + 1));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    }
  }
}

/** A server of the config that runs a fixture. */
export function fixtureServer(file: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { command: process.execPath, args: [file], ...more };
}
