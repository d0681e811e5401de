import { type PortOwner, portOwner } from '../gateway/port-owner.ts';
import { type Diagnosis, ok, problem } from './finding.ts';
import { isListenedTo, type RuntimeFacts } from './runtime-look.ts';

export interface PortFacts {
  readonly host: string;
  /** As the config has it; 0: any that is free. */
  readonly port: number;
  /** Whether somebody accepts connections there. */
  readonly isTaken: boolean;
  /** null where the system does not tell. */
  readonly owner: PortOwner | null;
}

export async function lookAtPort(host: string, port: number): Promise<PortFacts> {
  if (port === 0) return { host, port, isTaken: false, owner: null };
  const isTaken = await isListenedTo({ host: reachable(host), port });
  return { host, port, isTaken, owner: isTaken ? portOwner(port) : null };
}

export function judgePort(facts: PortFacts, runtime: RuntimeFacts): Diagnosis {
  const id = 'gateway.port';
  const { host, port, isTaken, owner } = facts;
  const url = runtime.status?.gateway?.url ?? null;
  if (port === 0) return ok(id, 'The gateway takes any port that is free', url ?? '');
  if (!isTaken) return ok(id, `Port ${port} is free`, host);
  const ours = [runtime.keeperPid, runtime.supervisorPid];
  const isOurs = owner === null ? url?.endsWith(`:${port}`) === true : ours.includes(owner.pid);
  if (isOurs) return ok(id, `Port ${port} is the gateway’s own`, url ?? '');
  const by =
    owner === null ? 'a process that the system does not name' : `${owner.command} (process ${owner.pid})`;
  return problem('error', id, {
    title: `Port ${port} is held by ${by}`,
    detail: owner === null || owner.folder === '' ? `On ${host}.` : `It runs in ${owner.folder}.`,
    hint: 'End it, or set `gateway.port` in the config to another one; 0 takes any that is free.',
  });
}

/** One can listen on all addresses, but not everywhere connect to them. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}
