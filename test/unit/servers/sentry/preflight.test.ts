import { describe, expect, it } from 'vitest';
import { verdictOf } from '../../../../src/servers/sentry/preflight.ts';

const answer = (status: number, body: unknown) => verdictOf({ status, body: JSON.stringify(body) });
const auth = (value: unknown) => answer(200, { version: '0', auth: value, user: null });

describe('verdictOf', () => {
  it('takes the scopes as they are granted', () => {
    expect(auth({ scopes: ['event:admin'] })).toEqual({ kind: 'accepted', scopes: ['event:admin'] });
    expect(auth({ scopes: [] })).toEqual({ kind: 'accepted', scopes: [] });
  });

  it.each([
    ['auth: null', auth(null)],
    ['auth without scopes', auth({})],
    ['scopes that are no list', auth({ scopes: 'event:read' })],
    ['no JSON', verdictOf({ status: 200, body: '<html>' })],
    ['JSON that is no object', verdictOf({ status: 200, body: '7' })],
    [
      'an organization token',
      answer(401, { detail: 'This token access is limited to organization endpoints.' }),
    ],
    ['a redirect', answer(302, {})],
    ['no permission', answer(403, { detail: 'no' })],
    ['nothing there', answer(404, {})],
    ['too many requests', answer(429, {})],
    ['a failure', answer(503, {})],
  ])('does not know with %s', (_what, verdict) => {
    expect(verdict.kind).toBe('unknown');
  });

  it.each(['Invalid token', 'Token expired', 'Invalid org token'])('is rejected with "%s"', (detail) => {
    expect(answer(401, { detail })).toEqual({ kind: 'rejected', detail });
  });

  it('is rejected with a 401 that says nothing', () => {
    expect(verdictOf({ status: 401, body: '' })).toEqual({ kind: 'rejected', detail: 'Unauthorized' });
  });
});
