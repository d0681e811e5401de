import type { ServerName, ServerStatus, Step, WantedServer } from '../model.ts';
import { diffPlan } from '../plan/diff.ts';
import { type Imprint, imprint, imprintWanted } from '../plan/fingerprint.ts';
import { memoryByGroup } from '../runner/process-group.ts';
import type { ServerProgress } from './admin/protocol.ts';
import type { Foundling } from './adoption.ts';
import type { Desired } from './desired.ts';
import { Member, type MemberOptions } from './member.ts';
import { type Excess, excessOf } from './memory-limit.ts';
import type { Server } from './server.ts';
import { childPids, serverStatus, stateOf } from './status.ts';
import { targetOf } from './target.ts';
import type { Wish } from './wish.ts';

export interface FleetOptions extends MemberOptions {
  readonly key: Buffer;
  /** The endpoint of a server. */
  readonly url: (name: ServerName) => string;
}

/** Why and how a reconcile is done. */
export interface Reconcile {
  readonly reason: string;
  /** Servers to replace although nothing changed. */
  readonly force: ReadonlySet<ServerName>;
  /** Whether servers that were given up, or refused their settings, get another try. */
  readonly retryStuck: boolean;
  /** The servers that shall run; null: all of the config. */
  readonly selected: readonly ServerName[] | null;
  /** What children see besides what their config declares. */
  readonly base: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

/** All servers of the project: told together what is wanted, each on its own way there. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #members = new Map<ServerName, Member>();
  readonly #leaving = new Set<Promise<void>>();
  #desired: Desired | null = null;

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  get names(): readonly ServerName[] {
    return [...this.#members.keys()];
  }

  adopt(foundling: Foundling): void {
    this.#member(foundling.server).adopt(foundling);
  }

  /** What reconciling would do. */
  plan(desired: Desired, selected: readonly ServerName[] | null): Step[] {
    const running = new Map<ServerName, Imprint>();
    for (const [name, { primary }] of this.#members) {
      if (primary.imprint !== null) running.set(name, primary.imprint);
    }
    const wanted = [...desired.servers.values()].map((server) => server.wanted);
    const chosen = wanted.filter(({ name }) => isSelected(name, selected));
    return diffPlan(running, imprintWanted(chosen, this.#options.key));
  }

  /** Makes ready for clients: each must find its server, and the child that is its own. */
  admit({ servers }: Desired): void {
    for (const [name, { wanted }] of servers) {
      const member = this.#member(name);
      if (!('blocked' in wanted)) member.spread(wanted.policy);
    }
  }

  /** Tells every server what is wanted of it; see `settled` for when it is there. */
  reconcile(desired: Desired, reconcile: Reconcile): Step[] {
    const steps = this.plan(desired, reconcile.selected);
    this.#desired = desired;
    this.admit(desired);
    this.#removeAllBut(desired.servers);
    for (const [name, { wanted }] of desired.servers) {
      const member = this.#member(name);
      const selected = isSelected(name, reconcile.selected);
      const findings = 'blocked' in wanted ? wanted.blocked : wanted.warnings;
      this.#options.desk.sync(name, selected ? findings : []);
      const step = steps.find((candidate) => candidate.name === name);
      const wish: Wish = selected
        ? this.#wish(wanted, member.primary, step, reconcile, desired)
        : { kind: 'stopped' };
      member.want(wish, reconcile.retryStuck);
      member.hide(reconcile.secrets);
    }
    return steps;
  }

  async settled(names: readonly ServerName[] = this.names): Promise<void> {
    await Promise.all(names.map((name) => this.#members.get(name)?.settled()));
  }

  async stop(): Promise<void> {
    const members = [...this.#members.values()];
    await Promise.all([...members.map((member) => member.stop()), ...this.#leaving]);
  }

  /** As much of the status as costs nothing. */
  states(): ServerProgress[] {
    return this.#inOrder().map(({ name, servers }) => ({ name, state: stateOf(servers) }));
  }

  /** The servers that take more memory than they may. */
  overMemory(): Excess[] {
    return [...this.#members].flatMap(([name, { primary }]) => {
      const excess = excessOf(primary, this.#desired?.servers.get(name)?.wanted);
      return excess === null ? [] : [excess];
    });
  }

  /** The same for the children of sessions: those that take too much are replaced, and no others. */
  limitSessionMemory(): void {
    for (const [name, member] of this.#members) {
      member.limitSessionMemory(this.#desired?.servers.get(name)?.wanted);
    }
  }

  status(): ServerStatus[] {
    const { desk, state, url } = this.#options;
    const warnings = desk.active();
    const members = this.#inOrder();
    const memoryBytes = memoryByGroup(members.flatMap(({ servers }) => childPids(servers)));
    return members.map((member) =>
      serverStatus(member, {
        url: url(member.name),
        memoryBytes,
        warnings,
        lastGeneration: state.server(member.name).generation,
      }),
    );
  }

  /** In the order of the config, whatever was found running first. */
  #inOrder(): Member[] {
    const order = [...(this.#desired?.servers.keys() ?? [])];
    const members = [...this.#members.values()];
    return members.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  }

  #wish(
    wanted: WantedServer,
    server: Server,
    step: Step | undefined,
    { reason, force, base, secrets }: Reconcile,
    desired: Desired,
  ): Wish {
    if ('blocked' in wanted) return { kind: 'blocked', server: wanted };
    const { project, key } = this.#options;
    const { name } = wanted;
    const inherited = desired.inherited.get(name) ?? {};
    const target = targetOf(wanted, imprint(wanted, key), { project, base, secrets, inherited });
    // What it was blocked by is what has changed.
    const blockers = server.wish.kind === 'blocked' ? server.wish.server.blocked : [];
    const unblocked = blockers.map(({ subject }) => subject).filter((subject) => subject in wanted.variables);
    return {
      kind: 'run',
      target,
      force: force.has(name),
      cause: { reason, changedKeys: step?.kind === 'replace' ? step.changedKeys : unblocked },
    };
  }

  #member(name: ServerName): Member {
    const known = this.#members.get(name);
    if (known !== undefined) return known;
    const member = new Member(name, this.#options, () => this.#desired?.servers.get(name));
    this.#members.set(name, member);
    return member;
  }

  /** Servers that the config does not have any more end, and with them their warnings. */
  #removeAllBut(names: ReadonlyMap<ServerName, unknown>): void {
    for (const [name, member] of this.#members) {
      if (names.has(name)) continue;
      this.#members.delete(name);
      this.#options.gateway.remove(name);
      const left = member.stop().finally(() => this.#leaving.delete(left));
      this.#leaving.add(left);
    }
    // Also of those that were removed while no supervisor ran.
    this.#options.desk.keepOnly(names);
  }
}

function isSelected(name: ServerName, selected: readonly ServerName[] | null): boolean {
  return selected === null || selected.includes(name);
}
