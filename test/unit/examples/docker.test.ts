import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../../src/config/load.ts';
import { REPO } from '../../support/cli.ts';

const FOLDER = join(REPO, 'examples/docker');
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8');

/** The instructions of a Dockerfile; those that it has in JSON are read as such. */
const instructions = read('Dockerfile')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [, name = '', rest = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    return { name, rest, list: rest.startsWith('[') ? (JSON.parse(rest) as string[]) : [] };
  });
const one = (name: string) => instructions.find((instruction) => instruction.name === name);

it('the config can be loaded, listens for others, and asks them for the token', async () => {
  const file = join(FOLDER, 'ecosystem.config.ts');
  const { gateway, envFiles } = await loadConfig(file, { publicEntry: join(REPO, 'src/index.ts') });
  expect(gateway).toMatchObject({ host: '0.0.0.0', port: 7420, auth: 'token' });
  expect(envFiles).toEqual(['env/.env']);
});

it('the image runs `up --foreground` under an init, not as root, with what it writes on volumes', () => {
  expect(one('ENTRYPOINT')?.list[0]).toBe('tini');
  expect(one('CMD')?.list.slice(1)).toEqual(['up', '--foreground']);
  expect(one('USER')?.rest).toBe('node');
  expect(one('VOLUME')?.list).toEqual(['/app/.mcp-supervisor', '/app/logs']);
  expect(one('HEALTHCHECK')?.rest).toContain(':7420/readyz');
  const copied = instructions.filter(({ name, rest }) => name === 'COPY' && rest.startsWith('examples/'));
  expect(copied.map(({ rest }) => existsSync(join(REPO, rest.split(' ')[0] ?? '')))).toEqual([true]);
  for (const secret of ['**/.env', '.mcp-supervisor'])
    expect(read('Dockerfile.dockerignore').split('\n')).toContain(secret);
});

it('compose builds that image, keeps its state, and serves this machine only', () => {
  const { services, volumes } = parse(read('compose.yaml')) as {
    services: { mcp: { build: Record<string, string>; ports: string[]; volumes: string[] } };
    volumes: Record<string, unknown>;
  };
  const { build, ports, volumes: mounts } = services.mcp;
  expect(existsSync(join(FOLDER, build['context'] ?? '', build['dockerfile'] ?? ''))).toBe(true);
  expect(ports).toEqual(['127.0.0.1:7420:7420']);
  expect(mounts).toEqual(['state:/app/.mcp-supervisor', 'logs:/app/logs', './env:/app/env:ro']);
  expect(Object.keys(volumes)).toEqual(['state', 'logs']);
});
