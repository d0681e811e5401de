import { gte, lt } from 'semver';

/** How one version of the server is told what to offer. */
export interface Dialect {
  readonly scopes: 'none' | 'add-scopes' | 'skills';
  /** The skills that make up reading; they matter to the dialect `skills` only. */
  readonly readSkills: readonly string[];
  /** `--organization-slug` and `--project-slug`. */
  readonly slugs: boolean;
  /** `--insecure-http`. */
  readonly insecureHttp: boolean;
}

export function dialectOf(version: string): Dialect {
  return {
    scopes: scopesDialect(version),
    // From 0.37 on `inspect` includes the documentation tools, and `docs` is deprecated.
    readSkills: lt(version, '0.37.0') ? ['inspect', 'docs'] : ['inspect'],
    slugs: gte(version, '0.18.0'),
    insecureHttp: gte(version, '0.33.0'),
  };
}

function scopesDialect(version: string): Dialect['scopes'] {
  if (lt(version, '0.18.0')) return 'none';
  // 0.22 and 0.23 still accept --add-scopes, and ignore it.
  return lt(version, '0.22.0') ? 'add-scopes' : 'skills';
}

/** The dialect that a `--help` text shows; null where it is not the server's. */
export function dialectFromHelp(help: string): Dialect | null {
  if (!help.includes('--access-token')) return null;
  const listed = help.split(/Available skills/i)[1]?.slice(0, 300) ?? '';
  return {
    scopes: help.includes('--skills') ? 'skills' : help.includes('--add-scopes') ? 'add-scopes' : 'none',
    readSkills: /\bdocs\b/.test(listed) ? ['inspect', 'docs'] : ['inspect'],
    slugs: help.includes('--organization-slug'),
    insecureHttp: help.includes('--insecure-http'),
  };
}
