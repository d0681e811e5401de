import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EnvFiles, readEnvFile } from '../../../src/config/env-files.ts';
import { type TempDir, tempDir } from '../../support/temp-dir.ts';

const SECRET = 'hunter2-hunter2';

interface EnvDir extends TempDir {
  /** What the files give now, and the messages of the warnings. */
  readonly read: (...names: string[]) => { values: Record<string, string>; messages: string[] };
}

function envDir(): EnvDir {
  const temp = tempDir();
  const files = new EnvFiles(temp.dir);
  const read = (...names: string[]) => {
    const { values, warnings } = files.read(names.map(temp.path));
    for (const warning of warnings) expect(JSON.stringify(warning)).not.toContain(SECRET);
    return { values: { ...values }, messages: warnings.map(({ message }) => message) };
  };
  return { ...temp, read };
}

describe('readEnvFile', () => {
  it.each<[string, string | Buffer, Record<string, string>]>([
    ['a comment and blank lines', '# A=1\n\nB=2 # two\n', { B: '2' }],
    ['export', 'export A=1\n', { A: '1' }],
    ['a BOM', '\uFEFFA=1\n', { A: '1' }],
    ['CRLF', 'A=1\r\nB="x\r\ny"\r\n', { A: '1', B: 'x\ny' }],
    ['quotes', `A='a b'\nB="x\\ny"\nC=\`"'\`\nD='x\\ny'\n`, { A: 'a b', B: 'x\ny', C: `"'`, D: 'x\\ny' }],
    [
      'a value over several lines',
      'KEY="-----BEGIN\nabc\n-----END"\nA=1\n',
      { KEY: '-----BEGIN\nabc\n-----END', A: '1' },
    ],
    ['characters beyond ASCII', 'A=pässwörd🙂\n', { A: 'pässwörd🙂' }],
    ['= and # in a value', 'A=b=c\nB="x#y"\n', { A: 'b=c', B: 'x#y' }],
    ['a key twice: the last one', 'A=1\nA=2\n', { A: '2' }],
    ['an empty value', 'A=\nB=""\n', { A: '', B: '' }],
    ['no newline at the end', 'A=1', { A: '1' }],
    ['keys that every object has', 'constructor=1\ntoString=2\n', { constructor: '1', toString: '2' }],
  ])('takes %s', (_, content, values) => {
    const { write } = tempDir();
    expect(readEnvFile(write('.env', content))).toEqual({ kind: 'ok', values, ignoredLines: [] });
  });

  it('gives nothing but what the file says', () => {
    const { write } = tempDir();
    const reading = readEnvFile(write('.env', '__proto__=x\nA=1\n'));
    const values = reading.kind === 'ok' ? reading.values : {};
    expect(Object.keys(values)).toEqual(['A']);
    expect(values['constructor']).toBeUndefined();
    expect(Object.getPrototypeOf(values)).toBeNull();
  });

  it.each<[string, string | Buffer, string]>([
    ['half a line', `A=1\n${SECRET}`, 'ends within line 2'],
    ['half a quoted value', `A=1\nB="${SECRET}\n`, 'has a quote on line 2 that never ends'],
    ['NUL bytes, as a file has after a crash', `A=${SECRET}\0\0\0`, 'holds NUL bytes'],
    ['Latin-1', Buffer.from('A=pässword\n', 'latin1'), 'is not UTF-8 text'],
    ['UTF-16', Buffer.from('\uFEFFA=1\n', 'utf16le'), 'is not UTF-8 text'],
    ['half a character', Buffer.from('A=ü', 'utf8').subarray(0, 3), 'is not UTF-8 text'],
  ])('does not take %s', (_, content, problem) => {
    const { write } = tempDir();
    expect(readEnvFile(write('.env', content))).toEqual({ kind: 'bad', problem });
  });

  it.each(['', '\n \r\n\t', '\uFEFF'])('tells an empty file from one without values: %j', (content) => {
    const { write } = tempDir();
    expect(readEnvFile(write('.env', content))).toEqual({ kind: 'empty' });
    expect(readEnvFile(write('.env', '# nothing yet\n'))).toMatchObject({ kind: 'ok', values: {} });
  });

  it('tells a missing file from one that cannot be read', () => {
    const { dir, path, write } = tempDir();
    write('file', '');
    symlinkSync('nowhere', path('dead-link'));
    symlinkSync('loop', path('loop'));
    for (const name of ['none', 'file/.env', 'dead-link'])
      expect(readEnvFile(path(name))).toEqual({ kind: 'missing' });
    expect(readEnvFile(dir)).toMatchObject({
      kind: 'bad',
      problem: expect.stringMatching(/^cannot be read: EISDIR/),
    });
    expect(readEnvFile(path('loop'))).toMatchObject({ kind: 'bad', problem: expect.stringMatching(/ELOOP/) });
  });

  it.skipIf(process.platform === 'win32')('does not wait for a pipe', () => {
    const { path } = tempDir();
    execFileSync('mkfifo', [path('.env')]);
    expect(readEnvFile(path('.env'))).toEqual({ kind: 'bad', problem: 'is a pipe and no file' });
  });
});

describe('several files', () => {
  it('the later one beats the earlier one, key by key', () => {
    const { read, write } = envDir();
    write('.env', 'A=1\nB=1\n');
    write('.env.local', 'B=2\nC=2\n');
    expect(read('.env', '.env.local')).toEqual({ values: { A: '1', B: '2', C: '2' }, messages: [] });
    expect(read('.env.local', '.env').values).toEqual({ A: '1', B: '1', C: '2' });
  });

  it('one that is not there is nothing to speak of', () => {
    const { read, write } = envDir();
    write('.env', 'A=1\n');
    expect(read('.env', '.env.local')).toEqual({ values: { A: '1' }, messages: [] });
  });

  it('one that becomes unusable keeps its own values, in its place', () => {
    const { read, write } = envDir();
    write('1', 'A=1\nB=1\n');
    write('2', 'B=2\nC=2\n');
    write('3', 'C=3\n');
    read('1', '2', '3');
    write('2', 'B="x');
    write('3', 'B=3\n');
    expect(read('1', '2', '3').values).toEqual({ A: '1', B: '3', C: '2' });
  });
});

describe('a file that changes', () => {
  it('gives what it says now: a key that is deleted is gone', () => {
    const { read, write } = envDir();
    write('.env', 'A=1\nB=1\n');
    expect(read('.env').values).toEqual({ A: '1', B: '1' });
    write('.env', 'A=2\n');
    expect(read('.env')).toEqual({ values: { A: '2' }, messages: [] });
    write('.env', '# A=2\n');
    expect(read('.env')).toEqual({ values: {}, messages: [] });
  });

  it.each<[string, (dir: EnvDir) => void, string]>([
    ['is emptied', ({ write }) => write('.env', ''), '.env is empty now'],
    ['is half-written', ({ write }) => write('.env', 'A=2\nTOK'), '.env ends within line 2'],
    ['is no text', ({ write }) => write('.env', Buffer.from([0x41, 0xff])), '.env is not UTF-8 text'],
    ['is removed', ({ path }) => rmSync(path('.env')), '.env is missing now'],
    [
      'becomes a folder',
      ({ path }) => {
        rmSync(path('.env'));
        mkdirSync(path('.env'));
      },
      '.env cannot be read: EISDIR',
    ],
  ])('keeps its last good values when it %s, and says so; the next good save counts', (_, spoil, problem) => {
    const env = envDir();
    env.write('.env', `A=${SECRET}\n`);
    env.read('.env');
    spoil(env);
    for (let time = 0; time < 2; time++) {
      const { values, messages } = env.read('.env');
      expect(values).toEqual({ A: SECRET });
      expect(messages).toEqual([expect.stringMatching(/; the values it had before stay in force\.$/)]);
      expect(messages[0]).toContain(problem);
    }
    rmSync(env.path('.env'), { recursive: true, force: true });
    env.write('.env', 'B=2\n');
    expect(env.read('.env')).toEqual({ values: { B: '2' }, messages: [] });
  });

  it('that never was good gives no values, and says so', () => {
    const { read, write } = envDir();
    write('.env', `A="${SECRET}`);
    expect(read('.env')).toEqual({
      values: {},
      messages: ['.env has a quote on line 1 that never ends, so it gives no values.'],
    });
    write('.env', '');
    expect(read('.env')).toEqual({ values: {}, messages: [] });
  });

  it('warns of lines that say nothing, by number', () => {
    const { path, read, write } = envDir();
    write('.env', `A=1\n${SECRET}\n\n?\nB=2\n`);
    expect(read('.env')).toEqual({
      values: { A: '1', B: '2' },
      messages: ['.env has lines that are neither KEY=value nor a comment: line 2, 4.'],
    });
    expect(new EnvFiles('/').read([path('.env')]).warnings[0]).toMatchObject({
      code: 'env.line-ignored',
      severity: 'warning',
      subject: path('.env').slice(1),
    });
  });
});
