import { readdirSync, readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { describe, expect, it, test } from 'vitest';
import { pickServers } from '../../../src/cli/pick-servers.ts';
import { nameServers } from '../../../src/init/names.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { until } from '../../support/until.ts';
import { foundServer } from '../init/found-server.ts';
import { runIn } from './run-cli.ts';

const MCP =
  '{"mcpServers": {"a": {"command": "x", "env": {"TOKEN": "canary-a"}}, "b": {"url": "https://x"}}}';

describe('init', () => {
  it('without a terminal says what it found and which options there are', async () => {
    const { dir, write } = tempDir();
    write('.mcp.json', MCP);
    const { code, err } = await runIn(dir, ['init']);
    expect([code, err]).toEqual([2, expect.stringMatching(/found: a\n.*--yes.*--from FILE/)]);
    expect(readdirSync(dir)).toEqual(['.mcp.json']);
  });

  it('--dry-run shows a diff and writes nothing', async () => {
    const { dir, write } = tempDir();
    write('.mcp.json', MCP);
    const { code, out, err } = await runIn(dir, ['init', '--yes', '--dry-run']);
    expect(code).toBe(0);
    expect(out).toContain('+++ b/ecosystem.config.ts');
    expect(out + err).not.toContain('canary');
    expect(err).toMatch(/^b of .*\.mcp\.json was left out: it has a URL/m);
    expect(readdirSync(dir)).toEqual(['.mcp.json']);
  });

  it('says what it made, what moved, and what to do next', async () => {
    const { dir, write } = tempDir();
    write('.mcp.json', MCP);
    const { code, out, err } = await runIn(dir, ['init', '--yes']);
    expect([code, out]).toEqual([
      0,
      'made  .env\nmade  .env.example\nmade  .gitignore\nmade  ecosystem.config.ts\nServers: a\nMoved to .env, so that the config holds no secret: TOKEN\n',
    ]);
    expect(err).toContain('Next:\n  mcp-supervisor up\n  mcp-supervisor client-config claude-code --write\n');
  });

  it('does not write over a config, of any kind, unless forced', async () => {
    const { dir, write } = tempDir();
    for (const name of ['ecosystem.config.js', 'ecosystem.config.ts']) {
      write(name, 'mine');
      const { code, err } = await runIn(dir, ['init', '--yes']);
      expect([code, err]).toEqual([2, expect.stringMatching(/There is a config already: .*\n.*--force/)]);
    }
    expect(readFileSync(`${dir}/ecosystem.config.ts`, 'utf8')).toBe('mine');
    expect((await runIn(dir, ['init', '--yes', '--force'])).code).toBe(0);
    expect(readFileSync(`${dir}/ecosystem.config.ts`, 'utf8')).toContain('defineConfig');
  });

  it('--from takes one file, and says what is wrong with it', async () => {
    const { dir, write } = tempDir();
    write('.mcp.json', MCP);
    write('sub/other.json', '{"servers": {"c": {"command": "y"}}}');
    const { out } = await runIn(dir, ['init', '--from', 'sub/other.json', '--json']);
    expect(JSON.parse(out)).toMatchObject({ servers: ['c'], moved: [], dryRun: false });
    const force = ['init', '--force', '--from'];
    expect(await runIn(dir, [...force, 'none.json'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('no file'),
    });
    write('odd.json', '{"x": 1}');
    expect(await runIn(dir, [...force, 'odd.json'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('lists no MCP servers'),
    });
    write('broken.json', '{"mcpServers": canary-x');
    const broken = await runIn(dir, [...force, 'broken.json']);
    expect(broken).toMatchObject({ code: 1, err: expect.stringContaining('files.unusable') });
    expect(broken.err).not.toContain('canary');
  });

  it("passes over somebody's broken file, and says so", async () => {
    const { dir, write } = tempDir();
    write('.mcp.json', MCP);
    write('home/.cursor/mcp.json', '{');
    const { code, err } = await runIn(dir, ['init', '--yes']);
    expect([code, err]).toEqual([0, expect.stringMatching(/\.cursor\/mcp\.json is no valid JSON/)]);
  });

  it('--config names another place, and must be TypeScript', async () => {
    const { dir } = tempDir();
    expect((await runIn(dir, ['init', '--sentry', '--config', 'sub/my.mts'])).code).toBe(0);
    expect(readdirSync(`${dir}/sub`).toSorted()).toEqual(['.env.example', '.gitignore', 'my.mts']);
    expect((await runIn(dir, ['init', '--config', 'x.json'])).code).toBe(2);
  });
});

test('on a terminal the servers are ticked; null for Ctrl-C', async () => {
  const offered = nameServers(['one', 'two'].map((name) => foundServer({ command: name }, name)));
  const ask = (keys: readonly string[]) => {
    const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => input });
    const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
    let shown = '';
    output.on('data', (chunk) => {
      shown += chunk;
    });
    const picked = pickServers(offered, { input, output, signal: new AbortController().signal });
    const typed = until('the question', () => shown.includes('two')).then(() => {
      for (const key of keys) input.write(key);
    });
    return Promise.all([picked, typed]).then(([names]) => names?.map(({ name }) => name) ?? null);
  };
  expect(await ask(['\r'])).toEqual(['one', 'two']);
  expect(await ask([' ', '\r'])).toEqual(['two']);
  expect(await ask(['\u0003'])).toBeNull();
});

describe('client-config', () => {
  const CONFIG = '{"gateway": {"port": 7431}, "servers": {"a": {"command": "x"}, "b": {"command": "y"}}}';
  const project = () => {
    const temp = tempDir();
    temp.write('ecosystem.config.json', CONFIG);
    return temp;
  };

  it('lists the clients to somebody who names another', async () => {
    const { code, err } = await runIn(project().dir, ['client-config', 'emacs']);
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/claude-code, vscode, cursor, codex, gemini, windsurf, zed, claude-desktop/),
    ]);
  });

  it('prints entries on stdout, and how the token gets there on stderr', async () => {
    const { dir } = project();
    const { code, out, err } = await runIn(dir, ['client-config', 'cursor', '--server', 'b'], {
      env: { SHELL: '/usr/bin/fish' },
    });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      mcpServers: {
        b: {
          url: 'http://127.0.0.1:7431/b/mcp',
          headers: { Authorization: 'Bearer ${env:MCP_SUPERVISOR_TOKEN}' },
        },
      },
    });
    expect(err).toContain(`set -gx MCP_SUPERVISOR_TOKEN (cat '${dir}/.mcp-supervisor/token')`);
  });

  it.each([
    [['nope', '--server', 'a'], 2],
    [['cursor', '--server', 'x'], 3],
    [['cursor', '--write', '--remove'], 2],
    [['cursor', '--via', 'smoke'], 2],
    [['zed', '--via', 'http'], 2],
    [['claude-desktop', '--via', 'http'], 2],
  ])('%j is exit code %i', async (args, code) => {
    expect((await runIn(project().dir, ['client-config', ...args])).code).toBe(code);
  });

  it('writes, says it, and takes it out again', async () => {
    const { dir, write, path } = project();
    write('.mcp.json', '{"mcpServers": {"a": {"command": "x"}}}');
    const written = await runIn(dir, ['client-config', 'claude-code', '--write']);
    expect(written).toMatchObject({ code: 0, out: `Wrote a, b into ${path('.mcp.json')}\n` });
    expect(written.err).toMatch(/copied to .*\.bak before, .*\nThese took the place of .*: a\.\n/);
    expect((await runIn(dir, ['client-config', 'claude-code', '--write'])).out).toContain('has a, b already');
    const removed = await runIn(dir, ['client-config', 'claude-code', '--remove', '--json']);
    expect(JSON.parse(removed.out)).toMatchObject({ removed: ['a', 'b'] });
    expect(readFileSync(path('.mcp.json'), 'utf8')).toBe('{"mcpServers": {"a": {"command": "x"}}}');
  });

  it('with port 0 needs to know which one it was', async () => {
    const { dir, write } = project();
    write('ecosystem.config.json', CONFIG.replace('7431', '0'));
    expect(await runIn(dir, ['client-config', 'cursor'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('port: 0'),
    });
    write('.mcp-supervisor/state.json', '{"port": 4567}');
    expect((await runIn(dir, ['client-config', 'cursor'])).out).toContain('http://127.0.0.1:4567/a/mcp');
  });
});
