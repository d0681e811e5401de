import { defineConfig } from 'mcp-supervisor';

export default defineConfig({
  servers: {
    billing: {
      command: 'node',
      args: ['billing.mjs'],
      env: { BILLING_TOKEN: '${BILLING_TOKEN}' },
      // Asked at each start with new settings. It may be async, and has ten seconds.
      check: ({ env }) => {
        const expiresAt = expiryOf(env['BILLING_TOKEN'] ?? '');
        if (expiresAt === null) return { verdict: 'unknown', detail: 'not a JWT with an expiry date' };
        const detail = `it expires on ${expiresAt.toISOString()}`;
        return { verdict: expiresAt < new Date() ? 'rejected' : 'accepted', detail };
      },
      logRules: [
        {
          pattern: /only (?<left>\d+) requests left/,
          code: 'billing.quota-low',
          message: 'Only $<left> requests of the billing service are left today.',
          hint: 'Ask for a larger quota, or wait until midnight.',
          // Without it each number would be a warning of its own.
          subject: 'quota',
        },
      ],
    },
  },
});

/** What the token says itself; it is not verified. */
function expiryOf(token: string): Date | null {
  try {
    const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    return typeof exp === 'number' ? new Date(exp * 1000) : null;
  } catch {
    return null;
  }
}
