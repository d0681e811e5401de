/** The URL for a client: one can listen on all addresses, but not everywhere connect to them. */
export function reachable(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}
