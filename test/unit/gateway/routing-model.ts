import { expect } from 'vitest';
import { onOneLine } from '../../../src/gateway/message-text.ts';
import type { RecordedResponse } from './recorded-response.ts';
import { answerText, type CallPlan, callText, escaped } from './routing-texts.ts';
import { Stage, type StagedChild, type StagedSession } from './stage.ts';

interface ModelClient extends StagedSession {
  /** All that shall have come to it besides the answers to its calls. */
  readonly extras: string[];
  readonly posts: RecordedResponse[];
}

interface ModelCall {
  readonly client: ModelClient;
  readonly plan: CallPlan;
  readonly nonce: string;
  readonly post: RecordedResponse;
  /** As the child knows it, in JSON. */
  childId: string;
  childToken: string;
  child: StagedChild | null;
  resent: boolean;
  over: boolean;
  /** The answer, to the byte; null: there shall be none. */
  answer: string | null;
}

interface Question {
  readonly child: StagedChild;
  readonly client: ModelClient;
  readonly rawId: string;
  readonly textWith: (id: string) => string;
  /** As the client knows it, in JSON. */
  readonly clientId: string;
}

/** A line that a child shall get next. */
type Expected = (line: string) => void;

const isText =
  (text: string): Expected =>
  (line) =>
    expect(line).toBe(text);

/** Plays the endpoint and its model side by side: each step says what shall be seen, and then looks. */
export class RoutingModel {
  readonly #stage = new Stage();
  readonly #clients: ModelClient[] = [];
  readonly #left: ModelClient[] = [];
  readonly #children: StagedChild[] = [];
  readonly #dead: StagedChild[] = [];
  readonly #expected = new Map<StagedChild, Expected[]>();
  readonly #read = new Map<StagedChild, number>();
  readonly #calls: ModelCall[] = [];
  readonly #waiting: ModelCall[] = [];
  readonly #inFlight: ModelCall[] = [];
  readonly #questions: Question[] = [];
  #current: StagedChild | null = null;
  #nonce = 0;

  constructor(clients: number) {
    this.replace();
    for (let count = 0; count < clients; count++) this.#clients.push(this.#greet());
  }

  call(who: number, plans: readonly CallPlan[]): void {
    const client = pick(this.#clients, who) as ModelClient;
    const ids = plans.map(({ id }) => id);
    const open = this.#calls
      .filter((call) => call.client === client && !call.over)
      .map(({ plan }) => plan.id);
    const taken = ids.some((id, at) => open.includes(id) || ids.indexOf(id) < at);
    const texts = plans.map((plan) => callText(plan, `n${this.#nonce++}`, plan.id, plan.token));
    const post = this.#stage.post(
      client.session,
      plans.length === 1 ? (texts[0] as string) : `[${texts.join(' , ')}]`,
    );
    if (taken) {
      expect(post.status).toBe(400);
      expect(post.messages.join()).toMatch(/in use/);
      return;
    }
    client.posts.push(post);
    for (const [at, plan] of plans.entries()) {
      const nonce = `n${this.#nonce - plans.length + at}`;
      const call: ModelCall = {
        client,
        plan,
        nonce,
        post,
        childId: '',
        childToken: '',
        child: null,
        resent: false,
        over: false,
        answer: null,
      };
      this.#calls.push(call);
      this.#submit(call);
    }
  }

  /** The child answers one of the calls that it has. */
  answer(which: number, layout: number, payload: string): void {
    const call = pick(this.#inFlight, which);
    if (call === undefined) return;
    const { child } = call;
    const textWith = answerText(layout, onOneLine(payload));
    this.#over(call, textWith(call.plan.id));
    child?.say(textWith(layout % 7 === 6 ? escaped(call.childId) : call.childId));
  }

  /** The child answers a call that nobody waits for any more. */
  late(which: number, layout: number, payload: string): void {
    const forgotten = this.#calls.filter((call) => call.over && call.answer === null && call.childId !== '');
    const call = pick(forgotten, which);
    const reused = this.#calls.some(
      (other) => !other.over && other.client === call?.client && other.plan.id === call.plan.id,
    );
    if (call === undefined || reused) return;
    pick(this.#children, which)?.say(answerText(layout, onOneLine(payload))(call.childId));
  }

  progress(which: number, payload: string): void {
    const known = this.#calls.filter(({ plan, childToken, client }) => {
      return plan.token !== null && childToken !== '' && this.#clients.includes(client);
    });
    const call = pick(known, which);
    const child = pick(this.#children, which);
    if (call === undefined || child === undefined) return;
    const textWith = (token: string) =>
      `{"method":"notifications/progress","params":{"progress":1,"progressToken":${token},"x":${onOneLine(payload)}},"jsonrpc":"2.0"}`;
    // The token went to the child on one line, and comes back as the same value.
    call.client.extras.push(textWith(onOneLine(call.plan.token ?? '')));
    child.say(textWith(call.childToken));
  }

  cancel(which: number): void {
    const call = pick(
      this.#calls.filter(({ over }) => !over),
      which,
    );
    if (call === undefined) return;
    const textWith = (id: string) =>
      `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"reason":"enough","requestId" : ${id}}}`;
    if (call.child !== null) this.#expect(call.child, isText(textWith(call.childId)));
    this.#over(call, null);
    this.#stage.post(call.client.session, textWith(call.plan.id));
  }

  /** A client says goodbye, and another one comes. */
  leave(who: number): void {
    const client = pick(this.#clients, who) as ModelClient;
    for (const call of [...this.#inFlight, ...this.#waiting].filter((one) => one.client === client)) {
      const params = `{"requestId":${call.childId},"reason":"the client has ended its session"}`;
      const text = `{"jsonrpc":"2.0","method":"notifications/cancelled","params":${params}}`;
      if (call.child !== null) this.#expect(call.child, isText(text));
      this.#over(call, null);
    }
    this.#stage.endpoint.end(client.session);
    this.#left.push(client);
    this.#clients[this.#clients.indexOf(client)] = this.#greet();
  }

  hold(): void {
    this.#current = null;
    this.#stage.endpoint.shared.hold();
  }

  /** A new child serves; the one before finishes what it has. */
  replace(): void {
    const child = this.#stage.serve();
    this.#children.push(child);
    this.#current = child;
    for (const call of this.#waiting.splice(0)) this.#submit(call);
  }

  async crash(which: number): Promise<void> {
    const child = pick(this.#children, which);
    if (child === undefined) return;
    this.#children.splice(this.#children.indexOf(child), 1);
    this.#dead.push(child);
    if (this.#current === child) this.#current = null;
    for (const call of this.#inFlight.filter((one) => one.child === child)) {
      this.#inFlight.splice(this.#inFlight.indexOf(call), 1);
      call.child = null;
      if (call.plan.tool === 'look' && !call.resent) {
        call.resent = true;
        this.#submit(call);
      } else {
        const message = 'server exited with code 1 during this call; it may or may not have been carried out';
        const error = JSON.stringify({ code: -32000, message });
        this.#over(call, `{"jsonrpc":"2.0","id":${call.plan.id},"error":${error}}`);
      }
    }
    await child.crash();
  }

  /** A child asks for a client's help. */
  async ask(which: number, rawId: string, payload: string): Promise<void> {
    const child = pick(this.#children, which);
    if (child === undefined) return;
    const textWith = (id: string) =>
      `{"id":${id},"jsonrpc":"2.0","method":"sampling/createMessage","params":{"nonce":"q${this.#nonce}","x":${onOneLine(payload)}}}`;
    const asking = new Set(this.#inFlight.filter((call) => call.child === child).map(({ client }) => client));
    if (asking.size === 0 && this.#clients.length === 1) asking.add(this.#clients[0] as ModelClient);
    const [client] = asking;
    if (client === undefined || asking.size > 1) {
      this.#expect(child, (line) => {
        expect(line.startsWith(`{"jsonrpc":"2.0","id":${rawId},"error":{"code":-32603,`)).toBe(true);
      });
      child.say(textWith(rawId));
      return;
    }
    child.say(textWith(rawId));
    await written();
    const asked = messagesOf(client).find((text) => text.includes(`"nonce":"q${this.#nonce}"`)) ?? '{}';
    const clientId = JSON.stringify((JSON.parse(asked) as { id?: unknown }).id);
    client.extras.push(textWith(clientId));
    this.#questions.push({ child, client, rawId, textWith, clientId });
    this.#nonce++;
  }

  /** A client answers a child's question: the one that was asked, or an impostor. */
  reply(which: number, who: number, payload: string): void {
    const question = pick(this.#questions, which);
    const client = pick(this.#clients, who) as ModelClient;
    if (question === undefined) return;
    const textWith = (id: string) => `{"jsonrpc":"2.0","id":${id},"result":{"x":${payload}}}`;
    if (question.client === client && !this.#dead.includes(question.child)) {
      this.#expect(question.child, isText(onOneLine(textWith(question.rawId))));
      remove(this.#questions, (one) => one === question);
    }
    this.#stage.post(client.session, textWith(question.clientId));
  }

  /** Everything that was expected has come, and nothing else. */
  async check(): Promise<void> {
    await written();
    for (const child of [...this.#children, ...this.#dead]) {
      const expected = this.#expected.get(child) ?? [];
      const from = this.#read.get(child) ?? 0;
      const lines = child.lines.slice(from);
      expect(lines).toHaveLength(expected.length);
      for (const [at, line] of lines.entries()) expected[at]?.(line);
      this.#read.set(child, child.lines.length);
      expected.length = 0;
    }
    for (const client of [...this.#clients, ...this.#left]) {
      const answers = this.#calls.flatMap((call) => (call.client === client ? (call.answer ?? []) : []));
      expect(messagesOf(client).toSorted()).toEqual([...answers, ...client.extras].toSorted());
    }
    for (const { post, answer } of this.#calls) if (answer !== null) expect(post.messages).toContain(answer);
    for (const { post } of this.#calls) {
      const open = this.#calls.some((call) => call.post === post && !call.over);
      expect(post.ended).toBe(!open);
    }
  }

  close(): void {
    this.#stage.close();
  }

  #greet(): ModelClient {
    return { ...this.#stage.greet(), extras: [], posts: [] };
  }

  #submit(call: ModelCall): void {
    if (this.#current === null) {
      this.#waiting.push(call);
      return;
    }
    call.child = this.#current;
    this.#inFlight.push(call);
    this.#expect(call.child, (line) => {
      const { id, params } = JSON.parse(line) as {
        id: unknown;
        params: { _meta?: { progressToken?: unknown } };
      };
      expect(id).toBeTypeOf('string');
      call.childId = JSON.stringify(id);
      call.childToken = call.plan.token === null ? '' : JSON.stringify(params._meta?.progressToken);
      expect(line).toBe(onOneLine(callText(call.plan, call.nonce, call.childId, call.childToken || null)));
      const same = this.#calls.filter(
        (other) => other !== call && !other.over && other.childId === call.childId,
      );
      expect(same).toEqual([]);
    });
  }

  #over(call: ModelCall, answer: string | null): void {
    call.over = true;
    call.answer = answer;
    call.child = null;
    remove(this.#inFlight, (one) => one === call);
    remove(this.#waiting, (one) => one === call);
  }

  #expect(child: StagedChild, expected: Expected): void {
    const list = this.#expected.get(child) ?? [];
    this.#expected.set(child, list);
    list.push(expected);
  }
}

/** node:http holds what is written back until the next tick. */
const written = () => new Promise((resolve) => setImmediate(resolve));

function messagesOf({ standalone, posts }: ModelClient): string[] {
  return [standalone, ...posts].flatMap(({ messages }) => messages);
}

function pick<T>(items: readonly T[], which: number): T | undefined {
  return items[which % items.length];
}

function remove<T>(items: T[], isIt: (item: T) => boolean): void {
  for (let at = items.length - 1; at >= 0; at--) if (isIt(items[at] as T)) items.splice(at, 1);
}
