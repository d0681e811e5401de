import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Import, readSources, type SourceFile, target } from './source-file.ts';

/**
 * Who may know whom. A folder stands for all in it, a file for itself; what is not here is forbidden,
 * and what is here is needed.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'index.ts': ['config/define.ts'],
  'model.ts': [],
  'errors.ts': [],
  'names.ts': ['errors.ts', 'nearest.ts'],
  'nearest.ts': [],
  'program-name.ts': [],
  'write-files.ts': ['errors.ts'],
  plan: ['model.ts'],
  warnings: ['model.ts'],
  logs: ['errors.ts', 'model.ts'],
  config: ['errors.ts', 'logs/redact.ts', 'model.ts'],
  servers: ['config', 'errors.ts', 'model.ts', 'warnings'],
  runner: ['errors.ts', 'logs', 'model.ts'],
  engine: ['errors.ts', 'runner/process-group.ts', 'runner/process-table.ts'],
  keeper: [],
  boot: ['errors.ts', 'write-files.ts'],
  gateway: ['errors.ts', 'keeper/protocol.ts', 'model.ts', 'program-name.ts'],
  webhook: ['config/header-value.ts', 'config/webhook-schema.ts', 'model.ts', 'servers/variables.ts'],
  supervisor: [
    ...['config', 'engine', 'errors.ts', 'gateway', 'logs', 'model.ts'],
    ...['names.ts', 'plan', 'runner', 'servers', 'warnings', 'webhook'],
  ],
  connect: [
    ...['errors.ts', 'gateway/event-store.ts', 'gateway/message-text.ts', 'gateway/rpc.ts'],
    ...['runner/is-json-rpc.ts', 'runner/line-splitter.ts'],
  ],
  clients: ['errors.ts', 'write-files.ts'],
  init: [
    ...['clients', 'config/env-files.ts', 'config/env-line.ts', 'config/find.ts', 'config/server-name.ts'],
    ...['errors.ts', 'logs/redact.ts', 'servers/npx.ts', 'servers/sentry/options.ts'],
    ...['servers/sentry/token.ts', 'write-files.ts'],
  ],
  doctor: [
    ...[
      'clients/catalogue.ts',
      'clients/places.ts',
      'config',
      'engine/pm2-daemon.ts',
      'errors.ts',
      'gateway/port-owner.ts',
      'logs/redact.ts',
      'model.ts',
    ],
    ...['plan/safe-env.ts', 'program-name.ts', 'runner/process-group.ts', 'runner/process-table.ts'],
    ...['servers', 'supervisor/admin/client.ts', 'supervisor/lock.ts', 'supervisor/place.ts'],
    'supervisor/project.ts',
  ],
  cli: [
    ...['boot', 'clients', 'config/unquoted.ts', 'connect', 'doctor/finding.ts', 'errors.ts', 'init'],
    ...['logs', 'model.ts', 'names.ts', 'nearest.ts', 'write-files.ts'],
    ...['supervisor/admin/client.ts', 'supervisor/admin/protocol.ts'],
  ],
  bin: [
    ...['cli', 'config', 'doctor', 'engine', 'errors.ts', 'gateway', 'keeper', 'logs', 'model.ts'],
    ...['names.ts', 'plan', 'runner', 'supervisor', 'webhook'],
  ],
};

/** Who may import a package; all of them are dependencies, and all dependencies are here. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  '@clack/prompts': ['cli'],
  chokidar: ['config'],
  commander: ['cli'],
  dotenv: ['config'],
  jiti: ['config'],
  'jsonc-parser': ['clients'],
  pino: ['supervisor'],
  pm2: ['engine'],
  semver: ['init', 'servers'],
  'smol-toml': ['clients'],
  zod: ['bin', 'config', 'gateway', 'servers', 'supervisor'],
};

/** Every file that a runner loads. Each costs memory once per server, so a new one wants a reason. */
const RUNNER_FILES = [
  'bin/end-with-parent.ts',
  'bin/runner.ts',
  'errors.ts',
  'logs/hide-from-git.ts',
  'logs/level.ts',
  'logs/record.ts',
  'logs/redact.ts',
  'logs/rotated-files.ts',
  'logs/rotating-file.ts',
  'logs/rotation-lock.ts',
  'logs/secret-forms.ts',
  'logs/writer.ts',
  'runner/channel.ts',
  'runner/child-log.ts',
  'runner/child-output.ts',
  'runner/child.ts',
  'runner/drained.ts',
  'runner/glued-answer.ts',
  'runner/is-json-rpc.ts',
  'runner/line-splitter.ts',
  'runner/outbox.ts',
  'runner/process-group.ts',
  'runner/process-table.ts',
  'runner/protocol.ts',
  'runner/runner.ts',
  'runner/valve.ts',
];

/** What anybody may ask of the process: it is the same wherever it is asked. */
const PROCESS_FACTS = ['execPath', 'kill', 'pid', 'platform', 'stderr', 'umask'];

const PROCESS_EXCEPTIONS: Readonly<Record<string, readonly string[]>> = {
  // A config must not print to our stdout.
  'config/config-thread.mjs': ['process'],
  // pm2 takes its settings from process.env when it is imported, and from nowhere else.
  'engine/pm2-api.ts': ['env'],
};

const MAX_LINES = 200;
const LONG_FILES: Readonly<Record<string, string>> = {
  'model.ts': 'the words that every folder shares: types only, nothing to untangle',
  'runner/runner.ts':
    'one protocol: what a runner does at each message of its supervisor and each event of its child',
  'supervisor/generation.ts':
    'one state machine; its states share the back-off, the queue of children and the signal',
  'supervisor/member.ts': 'what a server of the config is made of, wired in one place',
  'supervisor/server.ts':
    'one state machine: the newest wish interrupts each way of carrying an older one out',
  'supervisor/supervisor.ts':
    'one loop, and what starts it: the admin API, changed files, a restart of its own',
};

const sources = readSources();
const byPath = new Map(sources.map((file) => [file.path, file]));

const partOf = (path: string) => path.split('/')[0] ?? path;
const isRelative = ({ from }: Import) => from.startsWith('.');
const isBuiltin = ({ from }: Import) => from.startsWith('node:');
const packageOf = (from: string) => /^(?:@[^/]+\/)?[^/]+/.exec(from)?.[0] ?? from;

/** All that is loaded along with these files; with types, all that they are written in terms of. */
function closure(paths: readonly string[], withTypes = false): readonly SourceFile[] {
  const found = new Map<string, SourceFile>();
  const add = (path: string): void => {
    const file = byPath.get(path);
    if (file === undefined || found.has(path)) return;
    found.set(path, file);
    for (const one of file.imports)
      if (isRelative(one) && (withTypes || !one.typeOnly)) add(target(file, one));
  };
  paths.forEach(add);
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function externalImports(files: readonly SourceFile[]): readonly string[] {
  const external = files.flatMap(({ imports }) => imports.filter((one) => !isRelative(one) && !one.typeOnly));
  return [...new Set(external.map(({ from }) => from))].sort();
}

describe('who may import whom', () => {
  const arrows = sources.flatMap((file) =>
    file.imports
      .filter(isRelative)
      .map((one) => ({ from: partOf(file.path), file: file.path, to: target(file, one) }))
      .filter(({ from, to }) => from !== partOf(to)),
  );
  const matches = (allowed: string, to: string) => to === allowed || to.startsWith(`${allowed}/`);

  it('every import of another folder is allowed', () => {
    const forbidden = arrows.filter(
      ({ from, to }) => !MAY_IMPORT[from]?.some((allowed) => matches(allowed, to)),
    );
    expect(forbidden).toEqual([]);
  });

  it.each(Object.entries(MAY_IMPORT))('%s needs what it may import', (from, allowed) => {
    const needless = allowed.filter(
      (one) => !arrows.some((arrow) => arrow.from === from && matches(one, arrow.to)),
    );
    expect(needless).toEqual([]);
  });

  it('what is imported exists, by its full name', () => {
    const missing = sources.flatMap((file) =>
      file.imports.filter((one) => isRelative(one) && !byPath.has(target(file, one))).map(({ from }) => from),
    );
    expect(missing).toEqual([]);
  });

  it('nothing loads in a circle', () => {
    const circular = sources.filter((file) =>
      file.imports.some(
        (one) =>
          isRelative(one) &&
          !one.typeOnly &&
          closure([target(file, one)]).some(({ path }) => path === file.path),
      ),
    );
    expect(circular.map(({ path }) => path)).toEqual([]);
  });

  it('every file is part of a program, or of what a config may import', () => {
    const entries = sources
      .map(({ path }) => path)
      .filter((path) => partOf(path) === 'bin' || path === 'index.ts');
    const used = closure([...entries, ...sources.flatMap(({ urls }) => urls)], true);
    expect(used.map(({ path }) => path)).toEqual(sources.map(({ path }) => path));
  });
});

describe('packages', () => {
  const uses = sources.flatMap((file) => {
    const imported = file.imports
      .filter((one) => !isRelative(one) && !isBuiltin(one))
      .map(({ from }) => from);
    // What require() and require.resolve() of node:module are given.
    const required = file.strings.filter((text) => text.includes('/') && packageOf(text) in PACKAGES);
    return [...imported, ...required].map((from) => ({ name: packageOf(from), part: partOf(file.path) }));
  });

  it.each(Object.entries(PACKAGES))('%s is imported by %j only', (name, owners) => {
    const parts = uses.filter((use) => use.name === name).map(({ part }) => part);
    expect([...new Set(parts)].sort()).toEqual(owners);
  });

  it('are the dependencies of package.json', () => {
    const { dependencies } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(Object.keys(PACKAGES)).toEqual(Object.keys(dependencies).sort());
    expect([...new Set(uses.map(({ name }) => name))].sort()).toEqual(Object.keys(PACKAGES));
  });
});

describe('purity', () => {
  it.each(['plan', 'warnings'])('%s does no I/O, nor does anything that it loads', (folder) => {
    const files = closure(sources.filter(({ path }) => partOf(path) === folder).map(({ path }) => path));
    expect(files.length).toBeGreaterThan(1);
    expect(externalImports(files)).toEqual(['node:crypto']);
    expect(files.flatMap(({ processUses }) => processUses)).toEqual([]);
  });

  it('model.ts has types only', () => {
    const kinds = new Set(byPath.get('model.ts')?.statements);
    expect([...kinds].sort()).toEqual(['TSInterfaceDeclaration', 'TSTypeAliasDeclaration']);
  });

  it('what a config imports costs nothing to load', () => {
    expect(closure(['index.ts']).map(({ path }) => path)).toEqual(['config/define.ts', 'index.ts']);
    expect(externalImports(closure(['index.ts']))).toEqual([]);
  });

  it('a runner loads these files, and nothing but Node beside them', () => {
    const files = closure(['bin/runner.ts']);
    expect(files.map(({ path }) => path)).toEqual(RUNNER_FILES);
    expect(externalImports(files).filter((from) => !from.startsWith('node:'))).toEqual([]);
  });

  it('only bin touches the arguments, the environment and the exit of the process', () => {
    const touching = sources
      .filter(({ path }) => partOf(path) !== 'bin')
      .map(
        ({ path, processUses }) =>
          [path, processUses.filter((name) => !PROCESS_FACTS.includes(name))] as const,
      )
      .filter(([, names]) => names.length > 0);
    expect(Object.fromEntries(touching)).toEqual(PROCESS_EXCEPTIONS);
    expect(externalImports(sources)).not.toContain('node:process');
  });
});

describe('files', () => {
  it('are named in kebab-case, for their content', () => {
    const misnamed = sources.filter(
      ({ path }) =>
        !/^(?:[a-z0-9]+(?:-[a-z0-9]+)*[/.])+m?[jt]s$/.test(path) ||
        /(?:^|[/-])(?:utils?|helpers?|managers?|common|misc|shared|types)\b/.test(path),
    );
    expect(misnamed.map(({ path }) => path)).toEqual([]);
  });

  it('are no barrels, but for the public entry', () => {
    const reexporting = sources.filter(({ imports }) => imports.some(({ isExport }) => isExport));
    expect(reexporting.map(({ path }) => path)).toEqual(['index.ts']);
    expect(sources.filter(({ path }) => /(?:^|\/)index\./.test(path)).map(({ path }) => path)).toEqual([
      'index.ts',
    ]);
  });

  it('have named exports', () => {
    const anonymous = sources.filter(({ text }) => /^export default\b/m.test(text));
    expect(anonymous.map(({ path }) => path)).toEqual([]);
  });

  it('are finished', () => {
    const open = sources.filter(({ text }) => /\b(?:TODO|FIXME|XXX|HACK)\b/.test(text));
    expect(open.map(({ path }) => path)).toEqual([]);
  });

  it(`have at most ${MAX_LINES} lines, or a reason`, () => {
    const long = sources.filter(({ text }) => text.split('\n').length - 1 > MAX_LINES);
    expect(long.map(({ path }) => path)).toEqual(Object.keys(LONG_FILES));
  });
});

describe('the error catalogue', () => {
  const text = byPath.get('errors.ts')?.text ?? '';
  const codes = [...text.matchAll(/^ {2}'([a-z]+\.[a-z-]+)':/gm)].map(([, code]) => code);

  it.each(codes)('%s is an error that can happen', (code) => {
    const raised = sources.filter(
      ({ path, strings }) => path !== 'errors.ts' && strings.includes(code ?? ''),
    );
    expect(raised.length).toBeGreaterThan(0);
  });
});
