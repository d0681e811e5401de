import { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ServerName } from '../model.ts';
import { bind, type LastSeen, type SentCall, type Slot } from './connection-slot.ts';
import type { Endpoint } from './endpoint.ts';
import { RESEND } from './respond.ts';

/**
 * The supervisor before this one may have died between reading a request and writing that down, or between
 * writing down an answer and giving it. So a connection that seems idle and stays silent for this long is
 * asked to say again what it may have said.
 */
const SILENCE_MS = 1_000;
/** How long a client may take to close a connection that we have closed. */
const LINGER_MS = 2_000;

type EndpointOf = (server: ServerName) => Endpoint | undefined;

/**
 * Goes on with a connection of the supervisor before this one: its client shall not notice. `serve` hands
 * it to the HTTP server, for what the client says next.
 */
export function goOn(
  socket: Socket,
  slot: Slot,
  lastSeen: LastSeen,
  endpointOf: EndpointOf,
  serve: () => void,
): void {
  switch (lastSeen.kind) {
    case 'idle':
      listen(socket, serve, () => askToResend(socket, slot));
      return;
    case 'unsent':
      askToResend(socket, slot);
      return;
    case 'sent':
      bringAnswer(socket, slot, lastSeen.call, endpointOf, serve);
      return;
    case 'answering':
      // Its client comes back with the id of the last event that it got.
      socket.destroy();
      return;
  }
}

/** Serves what the client says within a while, or does the other thing. */
function listen(socket: Socket, serve: () => void, otherwise: () => void): void {
  const said = (data: Buffer) => {
    clearTimeout(silence);
    socket.pause();
    socket.unshift(data);
    serve();
    socket.resume();
  };
  const silence = setTimeout(() => {
    socket.off('data', said);
    socket.pause();
    otherwise();
  }, SILENCE_MS);
  socket.once('data', said);
  socket.once('close', () => clearTimeout(silence));
}

/**
 * Has the client send its request again, to the same place: clients follow a 307 with the same method
 * and body. The reference is relative, since nobody has read what it asked for. What it says from now on
 * is not heard, so that nothing is done twice; it is taken all the same, or the answer might not arrive.
 */
function askToResend(socket: Socket, slot: Slot): void {
  slot.resent();
  const lines = [
    'HTTP/1.1 307 Temporary Redirect',
    `location: ${RESEND}`,
    'content-length: 0',
    'connection: close',
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n`);
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
}

function bringAnswer(
  socket: Socket,
  slot: Slot,
  call: SentCall,
  endpointOf: EndpointOf,
  serve: () => void,
): void {
  const endpoint = endpointOf(call.server);
  const session = endpoint?.sessions.find(call.session);
  if (endpoint === undefined || session === undefined) socket.destroy();
  else endpoint.goOn(session, call, responseOn(socket, slot, serve));
}

/** A response to a request that is not there any more. */
function responseOn(socket: Socket, slot: Slot, serve: () => void): ServerResponse {
  const request = new IncomingMessage(socket);
  request.method = 'POST';
  request.httpVersionMajor = 1;
  request.httpVersionMinor = 1;
  const response = new ServerResponse(request);
  response.assignSocket(socket);
  bind(response, slot);
  // What its client says meanwhile waits, and is listened for only to learn when the client goes.
  const wait = (data: Buffer) => {
    socket.pause();
    socket.unshift(data);
  };
  response.once('finish', () => {
    socket.off('data', wait);
    socket.pause();
    response.detachSocket(socket);
    response.emit('close');
    serve();
    socket.resume();
  });
  socket.on('data', wait);
  return response;
}
