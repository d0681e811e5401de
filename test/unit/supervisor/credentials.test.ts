import { describe, expect, it } from 'vitest';
import { redactVerdict } from '../../../src/supervisor/credentials.ts';

const redact = (text: string) => text.replaceAll('canary-token', '[redacted]');

describe('what a service says of a credential', () => {
  it('is one line of a sensible length, also where it answers with a page', () => {
    const detail = `not\r\n  this one\n${'x'.repeat(100_000)}`;
    const verdict = redactVerdict({ kind: 'rejected', detail }, redact);
    expect(verdict).toMatchObject({ kind: 'rejected', detail: expect.stringMatching(/^not this one x+…$/) });
    expect(JSON.stringify(verdict).length).toBeLessThan(400);
  });

  it('shows no half of a secret where it is cut', () => {
    for (let before = 280; before <= 300; before++) {
      const detail = `${'x'.repeat(before)}canary-token`;
      expect(JSON.stringify(redactVerdict({ kind: 'unknown', detail }, redact))).not.toContain('cana');
    }
  });
});
