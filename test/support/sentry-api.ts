import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { REPO } from './cli.ts';
import type { TestProject } from './project.ts';

export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly token: string;
  readonly status: number;
}

export interface SentryApi extends AsyncDisposable {
  /** host:port, as the preset's `host` takes it. */
  readonly host: string;
  readonly requests: readonly ApiRequest[];
}

/** Starts the fake Sentry API, which ends with its stdin. */
export async function startSentryApi(...args: readonly string[]): Promise<SentryApi> {
  const script = `${REPO}/test/fixtures/fake-sentry.mjs`;
  const child = spawn(process.execPath, [script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const requests: ApiRequest[] = [];
  const lines = createInterface({ input: child.stdout });
  const [first] = (await once(lines, 'line')) as [string];
  lines.on('line', (line) => requests.push(JSON.parse(line) as ApiRequest));
  const { port } = JSON.parse(first) as { port: number };
  return {
    host: `127.0.0.1:${port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await once(child, 'close');
    },
  };
}

/** Makes a package of the repo's node_modules the project's own `@sentry/mcp-server`. */
export function installSentry(project: TestProject, folder: string): void {
  mkdirSync(project.path('node_modules/@sentry'), { recursive: true });
  symlinkSync(`${REPO}/node_modules/${folder}`, project.path('node_modules/@sentry/mcp-server'));
}
