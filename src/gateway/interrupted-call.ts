import type { ServerResponse } from 'node:http';
import { type Backend, type Call, isRepeatable } from './call.ts';
import type { SentCall } from './connection-slot.ts';
import type { Dispatch } from './dispatch.ts';
import { streamOf } from './event-store.ts';
import { Exchange } from './exchange.ts';
import { askToResend } from './respond.ts';
import { routeId } from './route-id.ts';
import { interruptedBy } from './rpc.ts';
import type { Session } from './session.ts';

/** A call of the supervisor before this one, whose client still waits. */
export interface InterruptedCall {
  readonly session: Session;
  readonly call: SentCall;
  /** Destroyed: the client comes back for the answer. */
  readonly response: ServerResponse;
}

/** What an earlier supervisor has sent, which is not sent again. */
const UNKNOWN_LINE = Buffer.alloc(0);

/** Now that it is clear which child serves: the answer is awaited where that child has the call. */
export function goOnWith(
  { session, call, response }: InterruptedCall,
  backend: Backend,
  dispatch: Dispatch,
): void {
  const isThere = backend.app === call.app;
  const hasIt = isThere && call.sequence <= backend.inherited;
  if (!hasIt && !response.destroyed && (isThere || isRepeatable(call, backend))) {
    askToResend(response);
    return;
  }
  const { rawId, method, tool } = call;
  const exchange = exchangeOf(session, rawId, response);
  const early = session.answerTo(rawId);
  if (early !== undefined) {
    exchange.answer(early);
    return;
  }
  const over = () => session.exchanges.delete(exchange.streamId);
  const taken: Call = {
    id: routeId({ sessionKey: session.key, rawId }),
    rawId,
    session,
    exchange,
    method,
    tool,
    line: UNKNOWN_LINE,
    onAnswer: over,
    sendBack: () => {
      over();
      return exchange.sendBack();
    },
    resent: false,
  };
  session.exchanges.set(exchange.streamId, exchange);
  if (!hasIt) {
    dispatch.fail(taken, interruptedBy(call.server, 'was restarted'));
    return;
  }
  exchange.sent(call);
  dispatch.takeOver(taken, backend);
}

/** A client that was being sent events may have come back for the rest before us. */
function exchangeOf(session: Session, rawId: string, response: ServerResponse): Exchange {
  const streamId = streamOf(rawId);
  const recovered = session.recovered.get(streamId);
  session.recovered.delete(streamId);
  return recovered ?? Exchange.begin(session, response, streamId, 1);
}
