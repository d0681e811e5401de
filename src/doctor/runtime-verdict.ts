import { type Diagnosis, ok, problem } from './finding.ts';
import type { RuntimeFacts } from './runtime-look.ts';

/** What runs, what runs without what it needs, and what a crash left behind. */
export function judgeRuntime(facts: RuntimeFacts, version: string): Diagnosis[] {
  return [judgeSupervisor(facts, version), judgeRunners(facts), judgeLeftovers(facts), judgeSockets(facts)];
}

function judgeSupervisor(facts: RuntimeFacts, version: string): Diagnosis {
  const id = 'supervisor.state';
  const { status, isSilent, daemonPid } = facts;
  if (isSilent) {
    return problem('error', id, {
      title: 'The supervisor does not answer',
      detail: 'Its socket accepts connections, and nothing comes back.',
      hint: 'See logs/supervisor.log; `mcp-supervisor down`, then `up`, starts it anew.',
    });
  }
  const running = status?.supervisor ?? null;
  if (running !== null) {
    if (running.version === version) return ok(id, `The supervisor runs as process ${running.pid}`);
    return problem('warning', id, {
      title: `The supervisor is of version ${running.version}, and this is ${version}`,
      hint: '`mcp-supervisor up` replaces it; its servers go on.',
    });
  }
  if (facts.keeperPid !== null) {
    return ok(id, 'The supervisor is being started', `process ${facts.keeperPid} starts it`);
  }
  if (daemonPid === null) return ok(id, 'No supervisor runs, and no pm2 daemon of this project');
  return problem('warning', id, {
    title: "This project's pm2 daemon runs without a supervisor",
    detail: `It is process ${daemonPid}.`,
    hint: '`mcp-supervisor up` starts the supervisor, `mcp-supervisor down` ends all of it.',
  });
}

function isSupervised({ status, keeperPid, supervisorPid }: RuntimeFacts): boolean {
  return status !== null || keeperPid !== null || supervisorPid !== null;
}

function judgeRunners(facts: RuntimeFacts): Diagnosis {
  const id = 'runners.supervised';
  const living = facts.groups.filter(({ runnerLives }) => runnerLives);
  if (living.length === 0) return ok(id, 'No runner is without a supervisor');
  const names = living.map(({ app, runner }) => `${app} (process ${runner})`).join(', ');
  if (isSupervised(facts)) return ok(id, 'Every runner has its supervisor', names);
  return problem('error', id, {
    title: 'Runners are left without a supervisor',
    detail: `${names}. They hold their servers, and nobody reaches these.`,
    hint: '`mcp-supervisor up` takes them over, `mcp-supervisor down` ends them.',
  });
}

function judgeLeftovers(facts: RuntimeFacts): Diagnosis {
  const id = 'leftovers.groups';
  const left = facts.groups.filter(({ runnerLives, groupLives }) => !runnerLives && groupLives);
  if (left.length === 0) return ok(id, 'Nothing is left of servers whose runner was killed');
  // A daemon that lives starts the runner again, and that ends them itself.
  const mayFix = facts.daemonPid === null;
  const names = left.map(({ app, group }) => `${app} (process group ${group})`).join(', ');
  return problem(
    'warning',
    id,
    {
      title: 'Servers are left whose runner was killed',
      detail: `${names}.`,
      hint: `The next \`up\` or \`down\` ends them${mayFix ? ' (--fix does it now)' : ''}.`,
    },
    mayFix ? { kind: 'sweep-groups', files: left.map(({ file }) => file) } : null,
  );
}

function judgeSockets({ staleSockets: paths }: RuntimeFacts): Diagnosis {
  const id = 'sockets.stale';
  if (paths.length === 0) return ok(id, 'No socket is stale');
  return problem(
    'warning',
    id,
    {
      title: 'Sockets are left that nobody listens on',
      detail: paths.join(', '),
      hint: 'They do no harm: `up` replaces them (--fix removes them).',
    },
    { kind: 'remove-sockets', paths },
  );
}
