import { z } from 'zod';

/** How clients are served, as the config says it. No secrets: the token is in a file of its own. */
export const gatewaySettings = z.object({
  host: z.string(),
  /** 0: any that is free. */
  port: z.number(),
  auth: z.enum(['token', 'none']),
  maxBodyBytes: z.number(),
  maxWaitingCalls: z.number(),
  maxWaitMs: z.number(),
  maxSessions: z.number(),
  sessionIdleMs: z.number(),
});

export type GatewaySettings = Readonly<z.infer<typeof gatewaySettings>>;

/** `http://127.0.0.1:7420`, `http://[::1]:7420`: where a gateway listens. */
export function originOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
