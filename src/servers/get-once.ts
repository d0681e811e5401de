import { readFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { rootCertificates } from 'node:tls';

export interface GetOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** A file with more certificates to trust, as NODE_EXTRA_CA_CERTS names one for the server itself. */
  readonly caFile?: string | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface GetAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const MAX_BODY_BYTES = 256 * 1024;

/**
 * One GET, of a connection of its own. It follows no redirect, since the headers hold a secret that is
 * meant for this host only. Rejects with what went wrong, of which nothing quotes a header.
 */
export function getOnce(url: URL, options: GetOptions): Promise<GetAnswer> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]);
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const ca = options.caFile === undefined ? {} : { ca: trusted(options.caFile) };
    const request = send(
      url,
      { ...ca, agent: false, headers: { ...options.headers }, signal },
      (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('error', reject);
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > MAX_BODY_BYTES) request.destroy(new Error('its answer is too long'));
          else chunks.push(chunk);
        });
        response.on('end', () => {
          const { statusCode: status = 0, headers } = response;
          resolve({ status, headers, body: Buffer.concat(chunks).toString() });
        });
      },
    );
    request.on('error', (error) =>
      reject(timedOut(signal) ? new Error('it did not answer in time') : plain(error)),
    );
    request.end();
  });
}

function timedOut({ aborted, reason }: AbortSignal): boolean {
  return aborted && reason instanceof DOMException && reason.name === 'TimeoutError';
}

/** OpenSSL calls an answer that is no TLS one of a wrong version, which tells nobody that it may be http. */
function plain(error: Error): Error {
  const isNoTls = error.message.includes('wrong version number');
  return isNoTls ? new Error('it does not speak https', { cause: error }) : error;
}

function trusted(caFile: string): string[] {
  return [...rootCertificates, readFileSync(caFile, 'utf8')];
}
