import { type Diagnosis, ok, problem } from './finding.ts';

/** The oldest Node that package.json supports. */
const MIN_NODE = [20, 19, 0] as const;

export interface Versions {
  readonly node: string;
  /** The Node program that runs us, and the servers' runners. */
  readonly execPath: string;
  readonly own: string;
  readonly pm2: string;
  /** The folder of the pm2 package that we use. */
  readonly pm2Root: string;
  /** Of the pm2 daemon that runs for this project; null where none does, or it does not tell. */
  readonly daemonPm2: string | null;
}

export function judgeVersions(versions: Versions): Diagnosis[] {
  return [judgeNode(versions), judgePm2(versions)];
}

function judgeNode({ node, execPath, own }: Versions): Diagnosis {
  const id = 'node.version';
  if (isAtLeast(node, MIN_NODE)) return ok(id, `Node ${node}, mcp-supervisor ${own}`, execPath);
  const title = `Node ${node} is older than ${MIN_NODE.join('.')}`;
  return problem('error', id, {
    title,
    detail: execPath,
    hint: 'Install a newer Node, then run `up` again.',
  });
}

function judgePm2({ pm2, pm2Root, daemonPm2 }: Versions): Diagnosis {
  const id = 'pm2.version';
  if (daemonPm2 === null || daemonPm2 === pm2) return ok(id, `pm2 ${pm2}`, pm2Root);
  return problem('warning', id, {
    title: `pm2's daemon is of version ${daemonPm2}, and ${pm2} is installed`,
    detail: pm2Root,
    hint: 'The next `mcp-supervisor up` after a `down` starts the daemon that is installed.',
  });
}

/** By number, up to the patch; what follows a hyphen does not count. */
function isAtLeast(version: string, least: readonly number[]): boolean {
  const parts = version.split(/[.-]/).map(Number);
  for (const [index, wanted] of least.entries()) {
    const difference = (parts[index] ?? 0) - wanted;
    if (difference !== 0) return difference > 0;
  }
  return true;
}
