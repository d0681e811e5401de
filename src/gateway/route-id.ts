/**
 * The ids that a shared child sees carry their way back: the session's key and the client's own id as
 * it was written. So nothing has to be remembered to deliver an answer, not even by the next supervisor.
 */
export interface Route {
  readonly sessionKey: string;
  /** JSON text of the client's id or token: `17`, `"a"`. */
  readonly rawId: string;
}

/** `k3x9.17`, `k3x9.%22a%22`: no character in it needs an escape in JSON. */
export function routeId({ sessionKey, rawId }: Route): string {
  return `${sessionKey}.${encodeURIComponent(rawId)}`;
}

/** Null for an id that is none of ours. */
export function parseRouteId(id: string): Route | null {
  const dot = id.indexOf('.');
  if (dot === -1) return null;
  try {
    return { sessionKey: id.slice(0, dot), rawId: decodeURIComponent(id.slice(dot + 1)) };
  } catch {
    // A child made it up.
    return null;
  }
}
