import type { WarningDraft } from '../../model.ts';
import type { Dialect } from './dialect.ts';
import {
  emptySkills,
  insecureWithoutHost,
  notExpressible,
  unknownFlags,
  unrestricted,
  unsupported,
} from './flag-warnings.ts';
import type { SentryOptions } from './options.ts';
import { skillsFor } from './skills.ts';

/** The server that is about to run, as far as it is known. */
export interface SentryTraits {
  readonly version: string | null;
  readonly dialect: Dialect | null;
}

export interface SentryArgs {
  readonly args: readonly string[];
  readonly warnings: readonly WarningDraft[];
}

const NONE: SentryArgs = { args: [], warnings: [] };

/** The options as this version's flags, in the `--key=value` form that all versions read. Never the token. */
export function sentryArgs(options: SentryOptions, { version, dialect }: SentryTraits): SentryArgs {
  const parts =
    dialect === null
      ? [warned(unknownFlags())]
      : [
          grants(options, version, dialect),
          slug('organizationSlug', '--organization-slug', options, version, dialect),
          slug('projectSlug', '--project-slug', options, version, dialect),
          insecureHttp(options, version, dialect),
        ];
  // Empty on purpose: the server would report its traces to SENTRY_DSN, and old ones to a built-in DSN.
  const noTelemetry = options.telemetry ? [] : ['--sentry-dsn='];
  return {
    args: [...parts.flatMap(({ args }) => args), ...noTelemetry],
    warnings: parts.flatMap(({ warnings }) => warnings),
  };
}

/** What the server is told to offer. */
function grants(options: SentryOptions, version: string | null, dialect: Dialect): SentryArgs {
  switch (dialect.scopes) {
    case 'skills':
      return skills(options, version, dialect);
    case 'add-scopes':
      return {
        args: options.addScopes.length === 0 ? [] : [`--add-scopes=${options.addScopes.join(',')}`],
        warnings: options.skills === undefined ? [] : [unsupported('skills', version, '0.22.0')],
      };
    case 'none':
      return warned(unrestricted(version));
  }
}

/** The skills that are asked for. `--skills=` with nothing behind it would grant every one, so it is never empty. */
export function grantedSkills(options: SentryOptions, { readSkills }: Dialect): readonly string[] {
  if (options.skills !== undefined) return options.skills.length === 0 ? readSkills : options.skills;
  return [...readSkills, ...skillsFor(options.addScopes).skills];
}

function skills(options: SentryOptions, version: string | null, dialect: Dialect): SentryArgs {
  return {
    args: [`--skills=${grantedSkills(options, dialect).join(',')}`],
    warnings: skillWarnings(options, version),
  };
}

function skillWarnings(options: SentryOptions, version: string | null): WarningDraft[] {
  if (options.skills?.length === 0) return [emptySkills()];
  if (options.skills !== undefined) return [];
  return skillsFor(options.addScopes).without.map((scope) => notExpressible(scope, version));
}

function slug(
  option: 'organizationSlug' | 'projectSlug',
  name: string,
  options: SentryOptions,
  version: string | null,
  dialect: Dialect,
): SentryArgs {
  const value = options[option];
  if (value === undefined) return NONE;
  return dialect.slugs
    ? { args: [`${name}=${value}`], warnings: [] }
    : warned(unsupported(option, version, '0.18.0'));
}

function insecureHttp(options: SentryOptions, version: string | null, dialect: Dialect): SentryArgs {
  if (!options.insecureHttp) return NONE;
  if (!dialect.insecureHttp) return warned(unsupported('insecureHttp', version, '0.33.0'));
  if (options.host === undefined) return warned(insecureWithoutHost());
  return { args: ['--insecure-http'], warnings: [] };
}

function warned(warning: WarningDraft): SentryArgs {
  return { args: [], warnings: [warning] };
}
