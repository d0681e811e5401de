import { posix, win32 } from 'node:path';

/** Where one machine and one project keep their files; a parameter, so that each platform can be asked about. */
export interface Places {
  readonly platform: NodeJS.Platform;
  /** The folder of the config. */
  readonly root: string;
  readonly home: string;
  /** XDG_CONFIG_HOME, APPDATA, CODEX_HOME. */
  readonly env: Readonly<Record<string, string>>;
}

/** A file in the project. */
export function inProject({ platform, root }: Places, ...parts: readonly string[]): string {
  return pathOf(platform).join(root, ...parts);
}

/** A file in the home directory. */
export function inHome({ platform, home }: Places, ...parts: readonly string[]): string {
  return pathOf(platform).join(home, ...parts);
}

/** A file of an application's settings, where the platform keeps these. */
export function inAppData(places: Places, ...parts: readonly string[]): string {
  const { platform, env } = places;
  if (platform === 'win32') {
    const base = given(env['APPDATA']);
    return base === null ? inHome(places, 'AppData', 'Roaming', ...parts) : win32.join(base, ...parts);
  }
  if (platform === 'darwin') return inHome(places, 'Library', 'Application Support', ...parts);
  return inXdgConfig(places, ...parts);
}

/** A file below XDG_CONFIG_HOME, which some applications follow on macOS too. */
export function inXdgConfig(places: Places, ...parts: readonly string[]): string {
  const base = given(places.env['XDG_CONFIG_HOME']);
  return base === null ? inHome(places, '.config', ...parts) : posix.join(base, ...parts);
}

function pathOf(platform: NodeJS.Platform): typeof posix {
  return platform === 'win32' ? win32 : posix;
}

function given(value: string | undefined): string | null {
  return value === undefined || value === '' ? null : value;
}
