import type { Exchange } from './exchange.ts';
import type { Handshake } from './handshake.ts';
import type { Session } from './session.ts';

/** A child that answers: what a call is sent to. */
export interface Backend {
  /** null: it has not answered our own handshake yet. */
  readonly handshake: Handshake | null;
  /** The pm2 app of its runner, which names it in this supervisor and the next. */
  readonly app: string;
  /** How many messages its runner had taken when it said hello: 0 for a new one. */
  readonly inherited: number;
  /** How many messages were sent to it, the inherited ones included. */
  readonly sent: number;
  send(line: Buffer): void;
}

/** A client's request on its way. */
export interface Call {
  /** The id that the child sees. */
  readonly id: string;
  /** JSON text of the client's own id. */
  readonly rawId: string;
  readonly session: Session;
  readonly exchange: Exchange;
  readonly method: string;
  /** The tool of a `tools/call`. */
  readonly tool: string | null;
  /** What is sent to the child. */
  readonly line: Buffer;
  /** Told with the answer before it goes to the client. */
  readonly onAnswer?: (failed: boolean) => void;
  /** Has the client send it again, where an earlier supervisor has sent it and only the client has it. False: too late. */
  readonly sendBack?: () => boolean;
  /** It has been sent to a second child already. */
  resent: boolean;
}

/** Reading again changes nothing, so these may be asked twice. */
const REPEATABLE = new Set([
  'tools/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'resources/subscribe',
  'resources/unsubscribe',
  'prompts/list',
  'prompts/get',
  'completion/complete',
  'logging/setLevel',
]);

/** Whether a call that a crash cut off may be sent once more. */
export function mayRepeat(call: Call, backend: Backend): boolean {
  return !call.resent && isRepeatable(call, backend);
}

/** Whether doing it twice is like doing it once. */
export function isRepeatable(call: Pick<Call, 'method' | 'tool'>, { handshake }: Backend): boolean {
  if (REPEATABLE.has(call.method)) return true;
  const annotations = handshake?.tools.find(({ name }) => name === call.tool)?.['annotations'];
  if (typeof annotations !== 'object' || annotations === null) return false;
  const { readOnlyHint, idempotentHint } = annotations as {
    readOnlyHint?: unknown;
    idempotentHint?: unknown;
  };
  return readOnlyHint === true || idempotentHint === true;
}
