import type { ServerName, ServerStatus, Step, WantedServer } from '../model.ts';
import { diffPlan } from '../plan/diff.ts';
import { type Imprint, imprint, imprintWanted } from '../plan/fingerprint.ts';
import { memoryByGroup } from '../runner/process-group.ts';
import type { ServerProgress } from './admin/protocol.ts';
import type { Foundling } from './adoption.ts';
import type { Desired } from './desired.ts';
import { createMember, type Member, type MemberOptions } from './member.ts';
import { overLimit } from './memory-limit.ts';
import type { Server, Wish } from './server.ts';
import { childPid, serverStatus, stateOf } from './status.ts';
import { targetOf, targetOfMemo } from './target.ts';

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
  /** Whether servers that were given up get another try. */
  readonly retryCrashed: boolean;
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

  get servers(): readonly Server[] {
    return [...this.#members.values()].map(({ server }) => server);
  }

  adopt({ server: name, generation, memo }: Foundling): void {
    const { project, log } = this.#options;
    this.#member(name).server.adopt(targetOfMemo(memo, project), generation, memo.ready);
    log.info(`${name}: generation ${generation} was still running, and goes on`);
  }

  /** What reconciling would do. */
  plan(desired: Desired, selected: readonly ServerName[] | null): Step[] {
    const running = new Map<ServerName, Imprint>();
    for (const server of this.servers) if (server.imprint !== null) running.set(server.name, server.imprint);
    const wanted = [...desired.servers.values()].map((server) => server.wanted);
    const chosen = wanted.filter(({ name }) => isSelected(name, selected));
    return diffPlan(running, imprintWanted(chosen, this.#options.key));
  }

  /** Tells every server what is wanted of it; see `settled` for when it is there. */
  reconcile(desired: Desired, reconcile: Reconcile): Step[] {
    const steps = this.plan(desired, reconcile.selected);
    this.#desired = desired;
    this.#removeAllBut(desired.servers);
    for (const [name, { wanted }] of desired.servers) {
      const { server, watch, endpoint } = this.#member(name);
      watch.forgetRules();
      const selected = isSelected(name, reconcile.selected);
      const findings = 'blocked' in wanted ? wanted.blocked : wanted.warnings;
      this.#options.desk.sync(name, selected ? findings : []);
      const step = steps.find((candidate) => candidate.name === name);
      const wish: Wish = selected
        ? this.#wish(wanted, server, step, reconcile, desired)
        : { kind: 'stopped' };
      if (wish.kind === 'run') endpoint.expect();
      else endpoint.unavailable(unavailability(name, wish));
      server.want(wish);
      server.hide(reconcile.secrets);
    }
    return steps;
  }

  async settled(names: readonly ServerName[] = this.names): Promise<void> {
    await Promise.all(names.map((name) => this.#members.get(name)?.server.settled()));
  }

  async stop(): Promise<void> {
    for (const { endpoint, server } of this.#members.values()) {
      endpoint.unavailable(`${server.name} is being stopped`);
    }
    await Promise.all([...this.servers.map((server) => server.stop()), ...this.#leaving]);
  }

  /** As much of the status as costs nothing. */
  states(): ServerProgress[] {
    return this.#inOrder().map((server) => ({ name: server.name, state: stateOf(server) }));
  }

  /** The servers that take more memory than they may, and how much. */
  overMemory(): { readonly name: ServerName; readonly bytes: number }[] {
    return this.servers.flatMap((server) => {
      const bytes = overLimit(server, this.#desired?.servers.get(server.name)?.wanted);
      return bytes === null ? [] : [{ name: server.name, bytes }];
    });
  }

  status(): ServerStatus[] {
    const { desk, state, url } = this.#options;
    const warnings = desk.active();
    const servers = this.#inOrder();
    const memoryBytes = memoryByGroup(servers.map(childPid).filter((pid) => pid !== null));
    return servers.map((server) => {
      const endpoint = this.#members.get(server.name)?.endpoint;
      const lastGeneration = state.server(server.name).generation;
      const sessions = endpoint?.sessions.size ?? 0;
      const calls = endpoint?.callCount ?? 0;
      return serverStatus(server, {
        url: url(server.name),
        memoryBytes,
        warnings,
        lastGeneration,
        sessions,
        calls,
      });
    });
  }

  /** In the order of the config, whatever was found running first. */
  #inOrder(): Server[] {
    const order = [...(this.#desired?.servers.keys() ?? [])];
    return this.servers.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  }

  #wish(
    wanted: WantedServer,
    server: Server,
    step: Step | undefined,
    { reason, force, retryCrashed, base, secrets }: Reconcile,
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
      force: force.has(name) || (retryCrashed && server.isGivenUp),
      cause: { reason, changedKeys: step?.kind === 'replace' ? step.changedKeys : unblocked },
    };
  }

  #member(name: ServerName): Member {
    const known = this.#members.get(name);
    if (known !== undefined) return known;
    const member = createMember(name, this.#options, () => this.#desired?.servers.get(name)?.rules() ?? []);
    this.#members.set(name, member);
    return member;
  }

  /** Servers that the config does not have any more end, and with them their warnings. */
  #removeAllBut(names: ReadonlyMap<ServerName, unknown>): void {
    for (const [name, { server }] of this.#members) {
      if (names.has(name)) continue;
      this.#members.delete(name);
      this.#options.gateway.remove(name);
      const left = server.stop().finally(() => this.#leaving.delete(left));
      this.#leaving.add(left);
    }
    // Also of those that were removed while no supervisor ran.
    this.#options.desk.keepOnly(names);
  }
}

function unavailability(name: ServerName, wish: Exclude<Wish, { kind: 'run' }>): string {
  return wish.kind === 'blocked' ? wish.server.blocked[0].message : `${name} was not started`;
}

function isSelected(name: ServerName, selected: readonly ServerName[] | null): boolean {
  return selected === null || selected.includes(name);
}
