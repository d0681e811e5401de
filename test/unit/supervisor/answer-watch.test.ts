import { describe, expect, it, onTestFinished } from 'vitest';
import type { FailedCall, Warning } from '../../../src/model.ts';
import { sentryAnswers } from '../../../src/servers/sentry/answers.ts';
import { tokenMissingScope } from '../../../src/servers/sentry/token-warnings.ts';
import { AnswerWatch } from '../../../src/supervisor/answer-watch.ts';
import { JsonFile } from '../../../src/supervisor/json-file.ts';
import { WarningDesk } from '../../../src/supervisor/warning-desk.ts';
import { logSink } from '../../../src/supervisor/warning-sinks.ts';
import { tempDir } from '../../support/temp-dir.ts';

const REFUSED = 'API error (403): You do not have permission to perform this action.';
const REJECTED = 'API error (401): Invalid token';
const failing = (text: string, tool = 'update_issue'): FailedCall => ({
  tool,
  arguments: () => ({}),
  code: null,
  text,
});

interface World {
  readonly initial?: readonly Warning[];
  readonly annotate?: boolean;
  readonly known?: boolean;
}

function watchOver({ initial = [], annotate = true, known = true }: World = {}) {
  const told: string[] = [];
  const tell = (line: string) => told.push(line);
  const log = { info: tell, warn: tell, error: tell, flush: async () => {} };
  const file = new JsonFile<Warning[]>(tempDir().path('warnings.json'), tell);
  const desk = new WarningDesk(file, initial, (text) => text.replaceAll('secret', '[redacted]'), [
    logSink(log),
  ]);
  onTestFinished(() => desk.flush());
  let scopes: ReadonlySet<string> | null = null;
  const reading = sentryAnswers({
    version: '0.39.0',
    site: { host: 'secret.example', insecureHttp: false },
    variable: 'SENTRY_AUTH_TOKEN',
    organizationToken: false,
    annotate,
    whyOff: () => null,
  });
  const watch = new AnswerWatch({
    server: 'sentry',
    desk,
    reading: () => (known ? reading : null),
    scopes: () => scopes,
  });
  return {
    desk,
    told,
    watch,
    grant: (...granted: string[]) => {
      scopes = new Set(granted);
    },
    fail: (generation: number, call: FailedCall) => watch.inspector(generation)?.failed(call),
    work: (generation: number, tool: string) =>
      watch.inspector(generation)?.worked({ tool, arguments: () => ({}) }),
    rows: () =>
      desk.active().map(({ code, subject, generation, count }) => [code, subject, generation, count]),
  };
}

describe('a failed call', () => {
  it('becomes a warning of the generation that answered, counted instead of repeated', () => {
    const { fail, rows, desk, told } = watchOver();
    for (let n = 0; n < 3; n += 1) fail(2, failing(REFUSED));
    fail(2, failing(REJECTED));
    expect(rows()).toEqual([
      ['scope.suspected', 'update_issue', 2, 3],
      ['token.rejected', 'SENTRY_AUTH_TOKEN', 2, 1],
    ]);
    desk.flush();
    expect(told).toHaveLength(2);
  });

  it('is over at the next generation', () => {
    const { fail, rows, desk } = watchOver();
    fail(2, failing(REFUSED));
    fail(2, failing(REJECTED));
    desk.serving('sentry', 3, new Set());
    expect(rows()).toEqual([]);
  });

  it('is told to the client in words that are redacted, or not at all', () => {
    expect(watchOver().fail(1, failing(REJECTED))).toBe(
      'mcp-supervisor: token.rejected: [redacted].example rejects the token in SENTRY_AUTH_TOKEN: Invalid token. It was revoked, has expired, or is mistyped. Create a new one at https://[redacted].example/settings/account/api/auth-tokens/, and put it into the env file as SENTRY_AUTH_TOKEN; saving is enough.',
    );
    const silent = watchOver({ annotate: false });
    expect(silent.fail(1, failing(REJECTED))).toBeNull();
    expect(silent.rows()).toHaveLength(1);
  });

  it('that is not about the token is nothing', () => {
    const { fail, rows } = watchOver();
    expect(fail(1, failing('API error (404): not found'))).toBeNull();
    expect(rows()).toEqual([]);
  });

  it('counts for what was found out before, and leaves it its words', () => {
    const { desk, fail, rows, grant } = watchOver();
    const tools = ['add_issue_note', 'update_issue'];
    const draft = {
      ...tokenMissingScope({ scope: 'event:write', tools, site: { host: 'h', insecureHttp: false } }),
      severity: 'info' as const,
    };
    desk.raise('sentry', 4, draft);
    grant('event:read');
    expect(fail(4, failing(REFUSED))).toContain('add_issue_note, update_issue');
    expect(rows()).toEqual([['scope.token-missing', 'event:write', 4, 2]]);
    expect(desk.active()).toMatchObject([draft]);
    // The child of a session has the same credentials: it stays known of the one that was asked about.
    fail(5, failing(REFUSED));
    expect(desk.active()).toMatchObject([{ ...draft, generation: 4, count: 3 }]);
    // What an earlier generation had is another matter.
    desk.serving('sentry', 6, new Set());
    fail(6, failing(REFUSED));
    expect(desk.active()).toMatchObject([{ severity: 'warning', generation: 6, count: 4 }]);
  });

  it('of a server that nothing is known of is not looked at', () => {
    expect(watchOver({ known: false }).watch.inspector(1)).toBeNull();
  });
});

describe('a call that works', () => {
  it('ends what was said of that tool, and nothing else', () => {
    const { desk, fail, work, rows, grant } = watchOver();
    // A log rule of the user's own, about the same tool.
    const own = {
      code: 'my.rule',
      severity: 'info',
      subject: 'update_issue',
      message: 'm',
      hint: '',
    } as const;
    desk.raise('sentry', 1, own);
    fail(1, failing(REFUSED, 'create_team'));
    fail(1, failing(REFUSED));
    fail(1, failing(REJECTED));
    grant('event:write');
    fail(1, failing(REFUSED));
    expect(rows()).toHaveLength(5);
    work(1, 'update_issue');
    expect(rows()).toEqual([
      ['my.rule', 'update_issue', 1, 1],
      ['scope.suspected', 'create_team', 1, 1],
      ['token.rejected', 'SENTRY_AUTH_TOKEN', 1, 1],
    ]);
    fail(1, failing(REFUSED));
    expect(rows()).toContainEqual(['access.denied', 'update_issue', 1, 2]);
  });

  it('also what the supervisor before had said', () => {
    const { desk, fail } = watchOver();
    fail(1, failing(REFUSED));
    const next = watchOver({ initial: desk.all() });
    expect(next.rows()).toHaveLength(1);
    next.work(1, 'update_issue');
    expect(next.rows()).toEqual([]);
  });
});
