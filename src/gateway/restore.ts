import type { Backend } from './call.ts';
import { mostVerbose } from './log-level.ts';
import { notification } from './rpc.ts';
import type { Session } from './session.ts';

let nextId = 1;

/** Sets on a new child what clients had set on the one before, and tells them what may have changed. */
export function restoreState(backend: Backend, before: Backend | null, sessions: readonly Session[]): void {
  const capabilities = capabilitiesOf(backend);
  const level = mostVerbose(sessions);
  if (level !== null && capabilities.logging !== undefined) ask(backend, 'logging/setLevel', { level });
  if (capabilities.resources?.subscribe === true) {
    const uris = new Set(sessions.flatMap(({ subscriptions }) => [...subscriptions]));
    for (const uri of uris) ask(backend, 'resources/subscribe', { uri });
  }
  if (before === null) return;
  for (const method of changedLists(backend, before)) {
    for (const session of sessions) session.notify(notification(method));
  }
}

interface Capabilities {
  readonly logging?: unknown;
  readonly tools?: { readonly listChanged?: boolean };
  readonly prompts?: { readonly listChanged?: boolean };
  readonly resources?: { readonly listChanged?: boolean; readonly subscribe?: boolean };
}

function capabilitiesOf({ handshake }: Backend): Capabilities {
  return (handshake?.initialize.capabilities ?? {}) as Capabilities;
}

/** Only where the server declares that lists can change, and only those that may differ. */
function changedLists(now: Backend, before: Backend): string[] {
  const { tools, prompts, resources } = capabilitiesOf(now);
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  const sameServer = same(now.handshake?.initialize, before.handshake?.initialize);
  return [
    ...(tools?.listChanged && !same(now.handshake?.tools, before.handshake?.tools)
      ? ['notifications/tools/list_changed']
      : []),
    // These lists are not asked for at the handshake; another version may have others.
    ...(prompts?.listChanged && !sameServer ? ['notifications/prompts/list_changed'] : []),
    ...(resources?.listChanged && !sameServer ? ['notifications/resources/list_changed'] : []),
  ];
}

/** Our own request; its answer is of no use, and goes nowhere. */
function ask(backend: Backend, method: string, params: unknown): void {
  const id = `supervisor:restore:${nextId++}`;
  backend.send(Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, method, params })));
}
