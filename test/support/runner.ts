import { type ChildProcess, fork } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogRecord } from '../../src/model.ts';
import type { StartOrder } from '../../src/runner/protocol.ts';
import {
  type ConnectedRunner,
  type RunnerPeer,
  RunnerPort,
  type RunnerReport,
} from '../../src/supervisor/runner-port.ts';
import { REPO } from './cli.ts';
import { type ProcessRow, processesOf } from './processes.ts';
import { until } from './until.ts';

export const APP = 'server@1';

/** One connection of a runner, and all that it said on it. */
export class Visit implements RunnerPeer {
  readonly runner: ConnectedRunner;
  readonly reports: RunnerReport[] = [];
  readonly lines: Buffer[] = [];
  closed = false;

  constructor(runner: ConnectedRunner) {
    this.runner = runner;
  }

  onReport(report: RunnerReport): void {
    this.reports.push(report);
  }

  onRpc(line: Buffer): void {
    this.lines.push(line);
  }

  onClose(): void {
    this.closed = true;
  }

  /** The first report of this kind, once it has come. */
  report<K extends RunnerReport['kind']>(kind: K): Promise<Extract<RunnerReport, { kind: K }>> {
    const found = () =>
      this.reports.find((report): report is Extract<RunnerReport, { kind: K }> => report.kind === kind);
    return until(`the runner reports ${kind}`, found);
  }

  line(index: number): Promise<Buffer> {
    return until(`message ${index} has come`, () => this.lines[index]);
  }
}

export interface RunnerProcess {
  readonly process: ChildProcess;
  readonly pid: number;
  /** 128 + n for signal n. */
  readonly exited: Promise<number>;
}

/** A supervisor's end of real runners, in a temp folder; disposing of it proves that nothing was left behind. */
export class RunnerBench implements AsyncDisposable {
  readonly dir: string;
  readonly logFile: string;
  readonly groupFile: string;
  readonly visits: Visit[] = [];
  #port: RunnerPort | null = null;
  readonly #runners: RunnerProcess[] = [];

  constructor() {
    this.dir = realpathSync(mkdtempSync(join(tmpdir(), 'mcps-run-')));
    mkdirSync(this.path('groups'));
    this.logFile = this.path('logs/server.log');
    this.groupFile = this.path('groups/server@1.json');
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  get socketPath(): string {
    return this.path('runner.sock');
  }

  /** The runner that was started last. */
  get runnerPid(): number {
    return this.#runners.at(-1)?.pid ?? 0;
  }

  /** A supervisor comes, and expects the runners of the app; its clients are there already, or not yet. */
  async listen({ clients = true } = {}): Promise<void> {
    this.#port = new RunnerPort(this.socketPath);
    if (clients) this.#port.confirmArrivals();
    await this.#port.listen();
    this.#port.expect(APP, (runner) => {
      const visit = new Visit(runner);
      this.visits.push(visit);
      return visit;
    });
  }

  /** The supervisor has its clients. */
  confirmArrivals(): void {
    this.#port?.confirmArrivals();
  }

  /** The supervisor goes, and leaves its socket behind as after a `kill -9`. */
  async leave(): Promise<void> {
    await this.#port?.close();
    this.#port = null;
  }

  /** Starts the built runner as pm2 does. */
  start(env: Record<string, string> = {}): RunnerProcess {
    const child = fork(`${REPO}/dist/bin/runner.js`, [this.socketPath, APP], {
      cwd: this.dir,
      env: { PATH: process.env['PATH'] ?? '', ...env },
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const exited = new Promise<number>((resolve) => {
      child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    });
    const runner = { process: child, pid: child.pid as number, exited };
    this.#runners.push(runner);
    return runner;
  }

  visit(index = 0): Promise<Visit> {
    return until(`visit ${index} of the runner`, () => this.visits[index]);
  }

  /** Starts a runner, and in it the program. */
  async run(launch: Partial<StartOrder['launch']>, more: Partial<StartOrder> = {}) {
    if (this.#port === null) await this.listen();
    const before = this.visits.length;
    const runner = this.start();
    const visit = await this.visit(before);
    visit.runner.send(this.order(launch, more));
    return { runner, visit };
  }

  order(launch: Partial<StartOrder['launch']>, more: Partial<StartOrder> = {}): StartOrder {
    const env = { PATH: process.env['PATH'] ?? '' };
    return {
      kind: 'start',
      server: 'server',
      generation: 1,
      launch: { command: process.execPath, args: [], env, cwd: this.dir, ...launch },
      stop: { eofMs: 200, termMs: 300 },
      log: { file: this.logFile, maxBytes: 1024 ** 3, keep: 1 },
      secrets: [],
      groupFile: this.groupFile,
      maxLineBytes: 64 * 1024 ** 2,
      ...more,
    };
  }

  /** What is in the log. */
  log(): LogRecord[] {
    const text = readFileSync(this.logFile, 'utf8');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as LogRecord);
  }

  lines(stream?: LogRecord['stream']): string[] {
    return this.log()
      .filter((record) => stream === undefined || record.stream === stream)
      .map(({ line }) => line);
  }

  processes(): ProcessRow[] {
    return processesOf(this.dir);
  }

  has(name: string): boolean {
    return existsSync(this.path(name));
  }

  /** What a child wrote into a file, to say something past its runner. */
  async said(name: string): Promise<string> {
    await until(`a child writes ${name}`, () => this.has(name));
    return readFileSync(this.path(name), 'utf8');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { process: child } of this.#runners) child.kill('SIGTERM');
    let late = false;
    try {
      await until('the runners have ended', () => this.processes().length === 0);
    } catch {
      late = true;
    }
    const survivors = this.processes();
    for (const { pid } of survivors) process.kill(pid, 'SIGKILL');
    await this.leave();
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 });
    if (late) throw new Error(`these processes survived: ${JSON.stringify(survivors)}`);
  }
}

const SAY = `const fs = require('node:fs');
  const say = (name, text) => { fs.writeFileSync(name + '.tmp', String(text)); fs.renameSync(name + '.tmp', name); };`;

/** A child written on the spot; `fs` and `say(name, text)`, which writes a file, are at hand. */
export function program(script: string): { command: string; args: string[] } {
  return { command: process.execPath, args: ['-e', `${SAY}\n${script}`] };
}

/** What a child runs to have a child of its own, which minds no SIGTERM and says its pid in `grandchild`. */
export function startsGrandchild(stdio: 'inherit' | 'ignore'): string {
  const { args } = program(
    "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); say('grandchild', process.pid)",
  );
  return `require('node:child_process').spawn(process.execPath, ${JSON.stringify(args)}, { stdio: '${stdio}' });`;
}
