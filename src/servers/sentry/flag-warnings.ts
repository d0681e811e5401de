import type { WarningDraft } from '../../model.ts';
import { SENTRY_PACKAGE } from './options.ts';

/** An option that came with version `since`, given to an older one. */
export function unsupported(option: string, version: string | null, since: string): WarningDraft {
  return {
    code: 'sentry.option-unsupported',
    severity: 'warning',
    subject: option,
    message: `\`${option}\` has no effect: ${named(version)} does not have it.`,
    hint: `Set \`version\` of sentry({ … }) to ${since} or later, or take \`${option}\` out.`,
  };
}

/** The server exits on `--insecure-http` for sentry.io, so the flag is left out. */
export function insecureWithoutHost(): WarningDraft {
  return {
    code: 'sentry.option-unsupported',
    severity: 'warning',
    subject: 'insecureHttp',
    message: '`insecureHttp` is left out: it is for a self-hosted Sentry, and no host is given.',
    hint: 'Set `host` of sentry({ … }), or SENTRY_HOST in the env file, or take `insecureHttp` out.',
  };
}

/** A scope that no skill stands for, so that it cannot be asked for from 0.22 on. */
export function notExpressible(scope: string, version: string | null): WarningDraft {
  return {
    code: 'scope.not-expressible',
    severity: 'warning',
    subject: scope,
    message: `'${scope}' in \`addScopes\` has no effect: no skill of ${named(version)} stands for it.`,
    hint: `Take '${scope}' out of \`addScopes\`; \`skills\` of sentry({ … }) names skills directly.`,
  };
}

export function unrestricted(version: string | null): WarningDraft {
  return {
    code: 'scope.not-expressible',
    severity: 'warning',
    subject: '',
    message: `${named(version)} cannot be restricted: it offers all its tools, whatever \`addScopes\` says.`,
    hint: "Set `version` of sentry({ … }) to 0.18.0 or later; until then the token's own scopes are the only limit.",
  };
}

export function emptySkills(): WarningDraft {
  return {
    code: 'sentry.option-unsupported',
    severity: 'warning',
    subject: 'skills',
    message: 'An empty `skills` would grant every skill, so the ones for reading are given instead.',
    hint: 'Name the skills in `skills` of sentry({ … }), or use `addScopes: []` for read-only.',
  };
}

export function unknownFlags(): WarningDraft {
  return {
    code: 'sentry.version-unknown',
    severity: 'warning',
    subject: '',
    message:
      'The flags of this Sentry server could not be found out: it starts without scopes, skills and slugs.',
    hint: 'Set `version` of sentry({ … }) to the version that `command` starts.',
  };
}

function named(version: string | null): string {
  return version === null ? `this ${SENTRY_PACKAGE}` : `${SENTRY_PACKAGE} ${version}`;
}
