/** Which Sentry it is, and how it is spoken to. */
export interface SentrySite {
  /** Without a scheme; with a port where it has one. */
  readonly host: string;
  /** http rather than https. */
  readonly insecureHttp: boolean;
}

export function siteUrl({ host, insecureHttp }: SentrySite, path: `/${string}`): string {
  return `${insecureHttp ? 'http' : 'https'}://${host}${path}`;
}

/** Where its users make their tokens. */
export function tokenPage(site: SentrySite): string {
  return siteUrl(site, '/settings/account/api/auth-tokens/');
}
