import { describe, expect, it } from 'vitest';
import { missingVariables, VariableFill } from '../../../src/servers/variables.ts';

const fillOf = (variables: Record<string, string>) => new VariableFill((name) => variables[name]);

describe('VariableFill', () => {
  it('fills in texts, lists and the values of a record, and leaves its keys', () => {
    const fill = fillOf({ A: 'a', B: 'b' });
    expect(fill.text('<${A}>')).toBe('<a>');
    expect(fill.texts(['${A}', 'plain', '${B}${A}'])).toEqual(['a', 'plain', 'ba']);
    expect(fill.record({ X: '${B}', '${A}': '1' })).toEqual({ X: 'b', '${A}': '1' });
  });

  it('remembers what it used, with its value, over all the texts of a server', () => {
    const fill = fillOf({ A: 'a', B: 'b', UNUSED: 'u' });
    fill.text('${A} ${A}');
    fill.texts(['${B}', '${C:-default}']);
    expect(fill.used).toEqual({ A: 'a', B: 'b' });
    expect(fill.missing).toEqual([]);
  });

  it('remembers what it lacked, each once', () => {
    const fill = fillOf({ A: 'a' });
    fill.record({ X: '${C}', Y: '${B}', Z: '${A}${C}' });
    expect(fill.missing).toEqual(['C', 'B']);
    expect(fill.used).toEqual({ A: 'a' });
  });

  it('takes an empty value for a value', () => {
    const fill = fillOf({ A: '' });
    expect(fill.text('<${A}>')).toBe('<>');
    expect(fill.used).toEqual({ A: '' });
    expect(fill.missing).toEqual([]);
  });
});

describe('missingVariables', () => {
  it('names the server, the variable and the file, one finding each', () => {
    const findings = missingVariables('mail', ['KEY', 'HOST'], '.env.mail');
    expect(findings.map(({ code, severity, subject }) => ({ code, severity, subject }))).toEqual([
      { code: 'env.variable-missing', severity: 'error', subject: 'KEY' },
      { code: 'env.variable-missing', severity: 'error', subject: 'HOST' },
    ]);
    expect(findings[0]?.message).toMatch(/^mail needs the variable KEY,/);
    expect(findings[0]?.hint).toBe(
      'Add KEY=… to .env.mail, or give it a default in the config: ${KEY:-value}.',
    );
  });

  it('says nothing where nothing is missing', () => {
    expect(missingVariables('mail', [], '.env')).toEqual([]);
  });
});
