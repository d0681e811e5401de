import { satisfies, validRange } from 'semver';
import type { InstalledPackage } from './locate.ts';

export interface NpxCall {
  readonly packageName: string;
  /** What follows the `@`: a version, a range or a dist-tag. */
  readonly spec?: string;
  /** Named where it is not npx's own choice: `npx -p pkg bin`. */
  readonly bin?: string;
  readonly args: readonly string[];
}

export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
}

const SWITCHES = new Set(['-y', '--yes', '-q', '--quiet', '--no', '--no-install']);
const PACKAGE = /^((?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*)(?:@([^/:]+))?$/i;

/** The arguments of `npx`; null for what we do not understand, which is then left to npx itself. */
export function parseNpx(args: readonly string[]): NpxCall | null {
  let named: string | undefined;
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    if (SWITCHES.has(arg)) continue;
    if (arg === '-p' || arg === '--package' || arg.startsWith('--package=')) {
      // Several packages make one search path; that is npx's business.
      if (named !== undefined) return null;
      named = arg.startsWith('--package=') ? arg.slice('--package='.length) : args[++index];
      continue;
    }
    if (arg !== '--' && arg.startsWith('-')) return null;
    const [first, ...rest] = args.slice(arg === '--' ? index + 1 : index);
    return first === undefined ? null : npxCall(named, first, rest);
  }
  return null;
}

function npxCall(named: string | undefined, first: string, args: readonly string[]): NpxCall | null {
  const [, packageName, spec] = PACKAGE.exec(named ?? first) ?? [];
  if (packageName === undefined) return null;
  return {
    packageName,
    ...(spec === undefined ? {} : { spec }),
    ...(named === undefined ? {} : { bin: first }),
    args,
  };
}

/**
 * The installed program that npx would end up running, without npx's own process in between;
 * null where npx is needed: not installed, another version, or a dist-tag to ask the registry for.
 */
export function resolveNpx(call: NpxCall, installed: InstalledPackage, execPath: string): CommandLine | null {
  if (!satisfiesSpec(installed.version, call.spec)) return null;
  const bin = installed.bins[call.bin ?? defaultBin(installed) ?? ''];
  if (bin === undefined) return null;
  return bin.node
    ? { command: execPath, args: [bin.path, ...call.args] }
    : { command: bin.path, args: call.args };
}

/** As npx chooses: the only program, or the one named like the package. */
export function defaultBin({ name, bins }: InstalledPackage): string | null {
  const names = Object.keys(bins);
  const unscoped = name.slice(name.indexOf('/') + 1);
  return (names.length === 1 ? names[0] : names.find((bin) => bin === unscoped)) ?? null;
}

function satisfiesSpec(version: string, spec: string | undefined): boolean {
  return spec === undefined || (validRange(spec) !== null && satisfies(version, spec));
}
