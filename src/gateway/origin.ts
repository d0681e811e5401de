import type { IncomingMessage } from 'node:http';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
const LOOPBACK_ADDRESSES = ['localhost', '127.0.0.1', '::1'];

/**
 * Against DNS rebinding: a page in a browser can make a name of its own point here, but it cannot
 * hide that name. Returns what is wrong, or null. `host` is the address that we listen on.
 */
export function foreignOrigin({ headers }: IncomingMessage, host: string): string | null {
  // Elsewhere it goes by names that we cannot know, and nothing is served without the token.
  if (!LOOPBACK_ADDRESSES.includes(host)) return null;
  if (!LOOPBACK.includes(hostnameOf(`http://${headers.host ?? ''}`))) return 'Host is not this machine';
  // Clients that are no browser send no Origin.
  if (headers.origin !== undefined && !LOOPBACK.includes(hostnameOf(headers.origin))) {
    return 'Origin is not this machine';
  }
  return null;
}

function hostnameOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : '';
}
