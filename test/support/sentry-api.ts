import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
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
  /** The token is refused from now on. */
  revoke(token: string): Promise<void>;
}

/** Files of a certificate for 127.0.0.1 that nobody trusts but who is told to. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Makes a certificate in a folder. */
export function makeCertificate(dir: string): Certificate {
  const [cert, key] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
  const names = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', ...names];
  execFileSync('openssl', [...args, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return { cert, key };
}

/** Starts the fake Sentry API, which ends with its stdin; with a certificate it speaks https only. */
export async function startSentryApi(certificate?: Certificate): Promise<SentryApi> {
  const script = `${REPO}/test/fixtures/fake-sentry.mjs`;
  const args =
    certificate === undefined ? [] : ['--tls-cert', certificate.cert, '--tls-key', certificate.key];
  const child = spawn(process.execPath, [script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const requests: ApiRequest[] = [];
  const lines = createInterface({ input: child.stdout });
  const [first] = (await once(lines, 'line')) as [string];
  lines.on('line', (line) => requests.push(JSON.parse(line) as ApiRequest));
  const { port } = JSON.parse(first) as { port: number };
  return {
    host: `127.0.0.1:${port}`,
    requests,
    revoke: async (token) => {
      const response = await post(certificate, port, '/__revoke', { token });
      if (response !== 200) throw new Error(`not revoked: ${response}`);
    },
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

/** Resolves with the status. */
async function post(
  certificate: Certificate | undefined,
  port: number,
  path: string,
  body: unknown,
): Promise<number | undefined> {
  const options = { host: '127.0.0.1', port, path, method: 'POST', agent: false };
  const request =
    certificate === undefined
      ? httpRequest(options)
      : httpsRequest({ ...options, ca: readFileSync(certificate.cert) });
  request.end(JSON.stringify(body));
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return response.statusCode;
}
