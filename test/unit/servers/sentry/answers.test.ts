import { describe, expect, it } from 'vitest';
import type { FailedCall, WarningDraft } from '../../../../src/model.ts';
import { type SentryFacts, sentryAnswers } from '../../../../src/servers/sentry/answers.ts';
import { expandScopes } from '../../../../src/servers/sentry/scopes.ts';

const FACTS: SentryFacts = {
  version: '0.39.0',
  site: { host: 'sentry.example', insecureHttp: false },
  variable: 'SENTRY_AUTH_TOKEN',
  organizationToken: false,
  annotate: true,
  whyOff: () => null,
};

interface Asked {
  readonly facts?: Partial<SentryFacts>;
  readonly tool?: string;
  readonly args?: unknown;
  readonly code?: number | null;
  readonly scopes?: readonly string[] | null;
}

function found(text: string, asked: Asked = {}): readonly WarningDraft[] {
  const { facts = {}, tool = 'update_issue', args = {}, code = null, scopes = null } = asked;
  const call: FailedCall = { tool, arguments: () => args, code, text };
  return sentryAnswers({ ...FACTS, ...facts }).findings(call, scopes === null ? null : new Set(scopes));
}

const causes = (drafts: readonly WarningDraft[]) =>
  drafts.map(({ severity, code, subject }) => `${severity} ${code} ${subject}`);

/** As the versions word it, with the status and Sentry's own detail. */
const inputError = (status: number, detail: string, kind = '') =>
  `**Input Error**\n\nThere was an HTTP ${status} ${kind}error with your request to the Sentry API.\n\nAPI error (${status}): ${detail}\n\nYou may be able to resolve the issue by addressing the concern and trying again.`;
const EXPIRED =
  '**Authorization Expired**\n\nSentry rejected the stored access token for this session. Please re-authorize to continue.';
const FORBIDDEN = 'You do not have permission to perform this action.';

/** The wordings of each range of versions. */
const WORDINGS: readonly {
  readonly versions: readonly string[];
  readonly refused: readonly string[];
  readonly rejected: readonly string[];
}[] = [
  {
    versions: ['0.10.0', '0.13.0', '0.17.1'],
    refused: [
      `API error (403): ${FORBIDDEN}`,
      'There was an HTTP 403 error with the your request to the Sentry API.',
      'There was an HTTP 403 error with the Sentry API.',
      'API request failed: 403 Forbidden',
    ],
    rejected: ['API error (401): Invalid token', 'API error (401): Token expired'],
  },
  {
    versions: ['0.18.0', '0.20.0', '0.23.1', '0.26.0', '0.31.0'],
    refused: [inputError(403, FORBIDDEN)],
    rejected: [inputError(401, 'Invalid token'), inputError(401, 'Token expired')],
  },
  {
    versions: ['0.33.0', '0.36.0', '0.37.0', '0.39.0', '9.9.9'],
    refused: [inputError(403, FORBIDDEN)],
    rejected: [EXPIRED],
  },
];
const rows = WORDINGS.flatMap(({ versions, ...texts }) =>
  versions.map((version) => ({ version: version as string | null, ...texts })),
);
const all = [
  ...rows,
  {
    version: null,
    refused: rows.flatMap(({ refused }) => refused),
    rejected: rows.flatMap(({ rejected }) => rejected),
  },
];

describe.each(all)('what $version answers', ({ version, refused, rejected }) => {
  it('when the token is rejected is about the token, never about scopes', () => {
    for (const text of rejected) {
      for (const scopes of [null, [], ['event:admin']]) {
        const drafts = found(text, { facts: { version }, scopes });
        expect(causes(drafts), text).toEqual(['error token.rejected SENTRY_AUTH_TOKEN']);
      }
    }
  });

  it('when a call is refused is certain, a role, or probable, as far as the scopes are known', () => {
    for (const text of refused) {
      const with_ = (scopes: readonly string[] | null) => causes(found(text, { facts: { version }, scopes }));
      expect(with_(['event:read', 'project:admin']), text).toEqual([
        'warning scope.token-missing event:write',
      ]);
      expect(with_([]), text).toEqual(['warning scope.token-missing event:write']);
      expect(with_(['event:write']), text).toEqual(['warning access.denied update_issue']);
      expect(with_(['event:admin']), text).toEqual(['warning access.denied update_issue']);
      expect(with_(null), text).toEqual(['warning scope.suspected update_issue']);
    }
  });

  it('about anything else is nothing', () => {
    const others = [
      inputError(404, 'The requested resource does not exist'),
      inputError(400, 'Invalid query'),
      inputError(429, 'Rate limited'),
      inputError(500, 'Internal Error', 'server '),
      inputError(503, 'Unavailable', 'server '),
      'Resource not found (404): The requested resource does not exist',
      '**Configuration Error**\n\nNo organization slug is given.',
      'fetch failed: connect ECONNREFUSED 127.0.0.1:403',
      'Error 403',
      '',
    ];
    for (const text of others) {
      for (const scopes of [null, []]) expect(found(text, { facts: { version }, scopes }), text).toEqual([]);
    }
  });
});

describe('words', () => {
  const only = (drafts: readonly WarningDraft[]) => {
    expect(drafts).toHaveLength(1);
    return drafts[0] as WarningDraft;
  };

  it('of a rejected token say where it stands, what Sentry says, and where to make another one', () => {
    const draft = only(found(inputError(401, 'Token expired')));
    expect(draft.message).toBe('sentry.example rejects the token in SENTRY_AUTH_TOKEN: Token expired.');
    expect(draft.hint).toContain('https://sentry.example/settings/account/api/auth-tokens/');
    expect(draft.hint).toContain('as SENTRY_AUTH_TOKEN');
    expect(only(found(EXPIRED)).message).toBe('sentry.example rejects the token in SENTRY_AUTH_TOKEN.');
    // Cut, it might end within a secret that it quotes, and half a secret is not redacted.
    const page = only(found(inputError(401, `${'x'.repeat(90)} ${'0123456789abcdef'.repeat(8)}`)));
    expect(page.message).toBe('sentry.example rejects the token in SENTRY_AUTH_TOKEN.');
    const login = only(found(EXPIRED, { facts: { variable: null } }));
    expect(login.message).toContain('the cached login');
    expect(login.hint).toContain('sentry-mcp auth login');
  });

  it('of a missing scope name the tool and the page; one warning for each scope', () => {
    const draft = only(found(inputError(403, FORBIDDEN), { scopes: ['event:read'] }));
    expect(draft.message).toBe(
      'The Sentry token lacks the scope event:write, so these tools do not work: update_issue.',
    );
    expect(draft.hint).toContain('https://sentry.example/settings/account/api/auth-tokens/');
    const two = found(inputError(403, FORBIDDEN), { tool: 'create_project', scopes: ['org:read'] });
    expect(causes(two)).toEqual([
      'warning scope.token-missing project:write',
      'warning scope.token-missing team:read',
    ]);
  });

  it('of a role do not advise another token', () => {
    const draft = only(found(inputError(403, FORBIDDEN), { scopes: ['event:write'] }));
    expect(draft.message).toContain('although the token has event:write');
    expect(draft.hint).not.toMatch(/create|auth-tokens/i);
    // A tool that needs no scope cannot lack one.
    expect(only(found(inputError(403, FORBIDDEN), { tool: 'whoami', scopes: [] }))).toMatchObject({
      code: 'access.denied',
      message: expect.stringContaining('needs no scope'),
    });
  });

  it('of a guess are a guess, by the scopes of this version', () => {
    const guess = (version: string, tool: string) =>
      only(found(inputError(403, FORBIDDEN), { facts: { version }, tool })).message;
    expect(guess('0.18.0', 'update_issue')).toContain('probably lacks event:write');
    expect(guess('0.26.0', 'create_project')).toContain('probably lacks project:write or team:read.');
    expect(guess('0.36.0', 'create_project')).toContain('project:write or team:read or org:read.');
    // A switch of the server is no scope of a token.
    expect(guess('0.20.0', 'analyze_issue_with_seer')).toContain('probably lacks a scope that it needs');
  });

  it.each([null, []])(
    'of a tool that is not known, or runs others, name no scope (granted: %j)',
    (scopes) => {
      for (const tool of ['brand_new', 'use_sentry']) {
        const draft = only(found(inputError(403, FORBIDDEN), { facts: { version: '0.31.0' }, tool, scopes }));
        expect(causes([draft])).toEqual([`warning scope.suspected ${tool}`]);
        expect(draft.message).toContain('probably lacks a scope that it needs');
      }
    },
  );
});

describe('the tool', () => {
  const refused = inputError(403, FORBIDDEN);

  it.each(['execute_sentry_tool', 'execute_tool'])('is the one that %s runs', (tool) => {
    const args = { name: 'create_dsn', arguments: { name: 'update_issue' } };
    expect(causes(found(refused, { tool, args }))).toEqual(['warning scope.suspected create_dsn']);
    expect(causes(found(refused, { tool, args, scopes: [] }))).toEqual([
      'warning scope.token-missing project:write',
    ]);
  });

  it.each([undefined, null, 'create_dsn', [], {}, { name: 7 }])(
    'that is not known any more says nothing: %j',
    (args) => {
      // It stands for a default that the helper would fill in.
      const call = { tool: 'execute_sentry_tool', arguments: () => args, code: null, text: EXPIRED };
      expect(sentryAnswers(FACTS).findings(call, null)).toEqual([]);
    },
  );

  it.each(['search_docs', 'get_doc'])('%s asks another service, also through another tool', (tool) => {
    for (const text of [refused, EXPIRED, 'API request failed: 403 Forbidden']) {
      expect(found(text, { tool })).toEqual([]);
      expect(found(text, { tool: 'execute_sentry_tool', args: { name: tool } })).toEqual([]);
    }
  });

  it('is what a call that works is held against', () => {
    const { toolOf } = sentryAnswers(FACTS);
    const call = (tool: string, args: unknown) => toolOf({ tool, arguments: () => args });
    expect(call('update_issue', {})).toBe('update_issue');
    expect(call('execute_sentry_tool', { name: 'create_dsn' })).toBe('create_dsn');
    expect(call('execute_sentry_tool', undefined)).toBeNull();
  });
});

describe("an organization's token", () => {
  const organization = { organizationToken: true };

  it('is not rejected where Sentry says that it is limited, whatever it looks like', () => {
    const text = inputError(401, 'This token access is limited to organization endpoints.');
    for (const facts of [organization, {}]) {
      expect(causes(found(text, { facts, tool: 'whoami' }))).toEqual(['warning token.limited whoami']);
    }
  });

  it('is rejected where Sentry says that it is invalid, and limited where nobody says', () => {
    expect(causes(found(inputError(401, 'Invalid org token'), { facts: organization }))).toEqual([
      'error token.rejected SENTRY_AUTH_TOKEN',
    ]);
    const [draft] = found(EXPIRED, { facts: organization, tool: 'create_dsn' });
    expect(draft).toMatchObject({ code: 'token.limited', subject: 'create_dsn' });
    expect(draft?.hint).toContain('If every tool is refused, this one was revoked');
  });
});

describe('a tool that is not offered', () => {
  const facts = { whyOff: (tool: string) => (tool === 'update_issue' ? 'needs the skill triage' : null) };
  const NOT_OFFERED = [
    ['MCP error -32602: Tool update_issue not found', null],
    ['MCP error -32602: Tool update_issue disabled', null],
    ['Tool update_issue not found', -32602],
  ] as const;

  it.each(NOT_OFFERED)('is told why: %s', (text, code) => {
    const drafts = found(text, { facts, code });
    expect(causes(drafts)).toEqual(['info tool.not-offered update_issue']);
    expect(drafts[0]?.message).toContain('needs the skill triage');
  });

  it('also one that another tool was to run', () => {
    const text =
      '**Input Error**\n\nIt looks like there was a problem with the input you provided.\n\nTool "update_issue" is not available in this session. Use search_sentry_tools to find an executable tool.';
    const args = { name: 'update_issue' };
    expect(causes(found(text, { facts, tool: 'execute_sentry_tool', args }))).toEqual([
      'info tool.not-offered update_issue',
    ]);
  });

  it('is nothing where it is on offer, or nobody knows: the arguments were wrong, or the name', () => {
    expect(found('MCP error -32602: Tool nope not found', { facts, tool: 'nope' })).toEqual([]);
    expect(found('Invalid arguments for tool whoami', { facts, tool: 'whoami', code: -32602 })).toEqual([]);
    expect(found('MCP error -32602: Tool update_issue not found', {})).toEqual([]);
  });

  it('other errors of the protocol are not about it', () => {
    expect(found('Internal error', { facts, code: -32603 })).toEqual([]);
  });
});

it('the hierarchy that a 403 is held against does not cross resources', () => {
  expect(expandScopes(['project:admin']).has('event:write')).toBe(false);
});
