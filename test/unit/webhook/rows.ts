import type { Warning } from '../../../src/model.ts';

/** A row whose id and code are its name. */
export function row(name: string, given: Partial<Warning> = {}): Warning {
  return {
    id: name,
    code: name,
    severity: 'warning',
    server: 'mail',
    subject: '',
    message: `${name} is wrong.`,
    hint: 'Mend it.',
    firstSeen: '2026-01-01T00:00:00.000Z',
    lastSeen: '2026-01-02T00:00:00.000Z',
    count: 1,
    generation: 3,
    state: 'active',
    docs: null,
    ...given,
  };
}
