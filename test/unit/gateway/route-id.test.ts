import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRouteId, type Route, routeId } from '../../../src/gateway/route-id.ts';
import { idText } from '../../support/json-texts.ts';

const route: fc.Arbitrary<Route> = fc.record({
  sessionKey: fc.stringMatching(/^[0-9a-f]{10}$/),
  rawId: idText,
});

describe('routeId', () => {
  it('leads back to the session and the id, to the letter', () => {
    fc.assert(
      fc.property(route, (way) => {
        expect(parseRouteId(routeId(way))).toEqual(way);
      }),
    );
  });

  it('is the same for the same route only', () => {
    fc.assert(
      fc.property(route, route, (a, b) => {
        const same = a.sessionKey === b.sessionKey && a.rawId === b.rawId;
        expect(routeId(a) === routeId(b)).toBe(same);
      }),
    );
  });

  it('needs no escape in JSON', () => {
    fc.assert(
      fc.property(route, (way) => {
        expect(JSON.stringify(routeId(way))).toBe(`"${routeId(way)}"`);
      }),
    );
  });
});

describe('parseRouteId', () => {
  it('takes whatever a child makes up', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (id) => {
        const way = parseRouteId(id);
        if (!id.includes('.')) expect(way).toBeNull();
      }),
    );
    expect(parseRouteId('abc.%zz')).toBeNull();
  });
});
