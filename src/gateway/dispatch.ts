import { type Backend, type Call, mayRepeat } from './call.ts';
import { errorAnswer, interruptedBy, RPC } from './rpc.ts';
import type { Session } from './session.ts';

export interface DispatchLimits {
  /** Calls that may wait for a server that is being replaced or restarted. */
  readonly maxWaiting: number;
  readonly maxWaitMs: number;
}

/** Where calls go now. */
export type Target =
  | { readonly kind: 'serving'; readonly backend: Backend }
  /** It will serve soon: calls wait. */
  | { readonly kind: 'awaited' }
  /** It will not serve by itself: calls fail with the reason. */
  | { readonly kind: 'unavailable'; readonly reason: string };

/** A call, and the child that works on it. */
export interface Sent {
  readonly call: Call;
  readonly backend: Backend;
}

/** The calls of one lane: in flight, or waiting for a child to be there again. */
export class Dispatch {
  readonly #server: string;
  readonly #limits: () => DispatchLimits;
  readonly #inFlight = new Map<string, Sent>();
  readonly #waiting = new Map<string, { readonly call: Call; readonly timer: NodeJS.Timeout }>();
  #target: Target = { kind: 'awaited' };
  #onIdle: (() => void)[] = [];

  constructor(server: string, limits: () => DispatchLimits) {
    this.#server = server;
    this.#limits = limits;
  }

  get target(): Target {
    return this.#target;
  }

  get callCount(): number {
    return this.#inFlight.size + this.#waiting.size;
  }

  has(id: string): boolean {
    return this.#inFlight.has(id) || this.#waiting.has(id);
  }

  /** All that one child works on. */
  callsOf(backend: Backend): Call[] {
    return [...this.#inFlight.values()].filter((entry) => entry.backend === backend).map(({ call }) => call);
  }

  callsOfSession(session: Session): Call[] {
    const all = [...this.#inFlight.values(), ...this.#waiting.values()];
    return all.map(({ call }) => call).filter((call) => call.session === session);
  }

  submit(call: Call): void {
    switch (this.#target.kind) {
      case 'serving':
        this.#send(call, this.#target.backend);
        return;
      case 'awaited':
        this.#wait(call);
        return;
      case 'unavailable':
        this.fail(call, this.#target.reason);
        return;
    }
  }

  /** The supervisor before this one has sent the call to this child. */
  takeOver(call: Call, backend: Backend): void {
    this.#inFlight.set(call.id, { call, backend });
  }

  /** The child has answered; returns its call, and which child it was. */
  settle(id: string): Sent | undefined {
    const sent = this.#inFlight.get(id);
    if (sent !== undefined) this.#forget(id);
    return sent;
  }

  /** The client does not want the answer any more. Returns the child that works on it, if one does. */
  cancel(id: string): { readonly call: Call; readonly backend: Backend | null } | undefined {
    const waiting = this.#waiting.get(id);
    if (waiting !== undefined) {
      this.#unwait(id);
      return { call: waiting.call, backend: null };
    }
    const entry = this.#inFlight.get(id);
    if (entry !== undefined) this.#forget(id);
    return entry;
  }

  /** From now on calls go there; those that waited go first, in their order. */
  aim(target: Target): void {
    this.#target = target;
    if (target.kind === 'awaited') return;
    for (const { call } of [...this.#waiting.values()]) {
      this.#unwait(call.id);
      this.submit(call);
    }
  }

  /** A child is gone: what it worked on is sent once more where that is safe, and fails otherwise. */
  lost(backend: Backend, reason: string): void {
    if (this.#target.kind === 'serving' && this.#target.backend === backend)
      this.#target = { kind: 'awaited' };
    for (const call of this.callsOf(backend)) {
      this.#forget(call.id);
      if (!mayRepeat(call, backend) || !this.#repeat(call)) {
        this.fail(call, interruptedBy(this.#server, reason));
      }
    }
  }

  /** Resolves when a child (null: any) has nothing left to answer, or after `limitMs`. */
  async drained(backend: Backend | null, limitMs: number): Promise<void> {
    const deadline = Date.now() + limitMs;
    const busy = () => (backend === null ? this.callCount : this.callsOf(backend).length) > 0;
    while (busy() && Date.now() < deadline) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deadline - Date.now());
        this.#onIdle.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  #send(call: Call, backend: Backend): void {
    this.#inFlight.set(call.id, { call, backend });
    const { session, rawId, method, tool } = call;
    // Before it is sent: whoever finds it written down asks the runner whether it came.
    call.exchange.sent({
      server: this.#server,
      session: session.id,
      rawId,
      method,
      tool,
      app: backend.app,
      sequence: backend.sent + 1,
    });
    backend.send(call.line);
  }

  #repeat(call: Call): boolean {
    if (call.sendBack !== undefined) return call.sendBack();
    call.resent = true;
    this.submit(call);
    return true;
  }

  #wait(call: Call): void {
    const { maxWaiting, maxWaitMs } = this.#limits();
    if (this.#waiting.size >= maxWaiting) {
      this.fail(call, `${this.#server} is being restarted, and ${maxWaiting} calls wait for it already`);
      return;
    }
    const timer = setTimeout(() => {
      this.#unwait(call.id);
      this.fail(call, `${this.#server} was not there within ${maxWaitMs / 1000} s`);
    }, maxWaitMs);
    this.#waiting.set(call.id, { call, timer });
  }

  #unwait(id: string): void {
    clearTimeout(this.#waiting.get(id)?.timer);
    this.#waiting.delete(id);
    this.#wake();
  }

  #forget(id: string): void {
    this.#inFlight.delete(id);
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#onIdle.splice(0)) wake();
  }

  /** Answers a call that nobody works on. */
  fail(call: Call, message: string): void {
    call.onAnswer?.(true);
    call.exchange.answer(errorAnswer(call.rawId, RPC.unavailable, message));
  }
}
