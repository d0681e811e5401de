/**
 * As much of an MCP client as a benchmark needs, on node:http, so that the client's own work does not
 * hide the differences. `ask` resolves with the bytes of an answer; nobody parses them inside the time.
 */
import { Agent, request as httpRequest } from 'node:http';

const TIMEOUT_MS = 30_000;
const HANDSHAKE = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'bench', version: '1.0.0' },
};

/** Opens a session, calls one tool, closes the session. Resolves with the result. */
export async function callTool(endpoint, name, args) {
  const session = await openHttp(endpoint);
  const answer = messageOf(await session.ask('tools/call', { name, arguments: args }));
  await session.close();
  if (answer.error !== undefined) throw new Error(`${name}: ${answer.error.message}`);
  return answer.result;
}

/** A session over Streamable HTTP. `listen`: with the standing GET stream that real clients open. */
export async function openHttp({ url, headers: extra = {} }, { listen = false } = {}) {
  const agent = new Agent({ keepAlive: true });
  const headers = { accept: 'application/json, text/event-stream', ...extra };
  const post = (message) => exchange(url, { agent, method: 'POST', headers: jsonOf(headers) }, message);
  let nextId = 1;
  const ask = async (method, params) => {
    const { status, body } = await post({ jsonrpc: '2.0', id: nextId++, method, params });
    if (status !== 200) throw new Error(`${method}: HTTP ${status}: ${body.subarray(0, 200)}`);
    return body;
  };
  const hello = await post({ jsonrpc: '2.0', id: nextId++, method: 'initialize', params: HANDSHAKE });
  if (hello.status !== 200) throw new Error(`initialize: HTTP ${hello.status}: ${hello.body}`);
  const id = hello.headers['mcp-session-id'];
  if (id !== undefined) headers['mcp-session-id'] = id;
  headers['mcp-protocol-version'] = messageOf(hello.body).result.protocolVersion;
  await post({ jsonrpc: '2.0', method: 'notifications/initialized' });
  const stream = listen ? await openStream(url, agent, { ...headers, accept: 'text/event-stream' }) : null;
  stream?.resume();
  return {
    ask,
    close: async () => {
      stream?.destroy();
      await exchange(url, { agent, method: 'DELETE', headers }).catch(() => {});
      agent.destroy();
    },
  };
}

/** A session over the older HTTP+SSE transport: answers come on the GET stream. */
export async function openSse({ url, headers = {} }) {
  const agent = new Agent({ keepAlive: true });
  const waiting = new Map();
  const stream = await openStream(url, agent, { ...headers, accept: 'text/event-stream' });
  const postUrl = new Promise((resolve) => {
    onEvents(stream, (event, data) => {
      if (event === 'endpoint') resolve(new URL(String(data), url));
      else settle(waiting, data);
    });
  });
  const target = await timed(postUrl, 'the endpoint event');
  const send = (message) => exchange(target, { agent, method: 'POST', headers: jsonOf(headers) }, message);
  const session = asking(waiting, async (message) => {
    const { status, body } = await send(message);
    if (status >= 400) throw new Error(`${message.method}: HTTP ${status}: ${body.subarray(0, 200)}`);
  });
  await session.ask('initialize', HANDSHAKE);
  await send({ jsonrpc: '2.0', method: 'notifications/initialized' });
  return {
    ask: session.ask,
    close: async () => {
      stream.destroy();
      agent.destroy();
    },
  };
}

/** A session with a child's own stdin and stdout. */
export async function openStdio(child) {
  const waiting = new Map();
  onLines(child.stdout, (line) => settle(waiting, line));
  const send = (message) => {
    child.stdin.write(`${JSON.stringify(message)}\n`);
  };
  const session = asking(waiting, send);
  await session.ask('initialize', HANDSHAKE);
  send({ jsonrpc: '2.0', method: 'notifications/initialized' });
  const ended = new Promise((resolve) => child.once('close', resolve));
  return {
    ask: session.ask,
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

/** The message in the bytes of an answer, which are JSON or an event stream. */
export function messageOf(body) {
  const text = body.toString();
  if (text.startsWith('{')) return JSON.parse(text);
  const data = text.split('\n').filter((line) => line.startsWith('data: {'));
  return JSON.parse(data.at(-1).slice('data: '.length));
}

function jsonOf(headers) {
  return { ...headers, 'content-type': 'application/json' };
}

function asking(waiting, send) {
  let nextId = 1;
  return {
    ask: (method, params) => {
      const id = nextId++;
      return new Promise((resolve, reject) => {
        waiting.set(id, resolve);
        send({ jsonrpc: '2.0', id, method, params })?.catch?.(reject);
      });
    },
  };
}

/** Hands an answer to who waits for it; the id is near one end of the message, whoever wrote it. */
function settle(waiting, data) {
  const ends = data.length < 400 ? String(data) : `${data.subarray(0, 200)}${data.subarray(-200)}`;
  const ids = [...ends.matchAll(/"id":(\d+)/g)];
  const id = Number(ids.at(-1)?.[1]);
  waiting.get(id)?.(data);
  waiting.delete(id);
}

function exchange(url, options, message) {
  const body = message === undefined ? undefined : Buffer.from(JSON.stringify(message));
  if (body !== undefined) options.headers['content-length'] = body.length;
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, options, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const { statusCode: status, headers } = response;
        resolve({ status, headers, body: chunks.length === 1 ? chunks[0] : Buffer.concat(chunks) });
      });
    });
    request.setTimeout(TIMEOUT_MS, () => request.destroy(new Error(`no answer in ${TIMEOUT_MS / 1000} s`)));
    request.once('error', reject);
    request.end(body);
  });
}

/** Resolves with the response once its headers are there; nothing has been read from it. */
function openStream(url, agent, headers) {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { agent, headers }, (response) => {
      response.on('error', () => {});
      if (response.statusCode === 200) resolve(response);
      else reject(new Error(`GET: HTTP ${response.statusCode}`));
    });
    request.once('error', reject);
    request.end();
  });
}

function onEvents(stream, listener) {
  let [event, data] = ['message', []];
  onLines(stream, (line) => {
    if (line.length === 0) {
      if (data.length > 0) listener(event, data.length === 1 ? data[0] : Buffer.concat(data));
      [event, data] = ['message', []];
    } else if (line.subarray(0, 6).equals(DATA)) data.push(line.subarray(6));
    else if (line.subarray(0, 7).equals(EVENT)) event = String(line.subarray(7));
  });
}

const DATA = Buffer.from('data: ');
const EVENT = Buffer.from('event: ');

function onLines(stream, listener) {
  let begun = [];
  stream.on('data', (chunk) => {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      const last = chunk.subarray(start, end);
      listener(begun.length === 0 ? last : Buffer.concat([...begun, last]));
      begun = [];
      start = end + 1;
    }
    if (start < chunk.length) begun.push(chunk.subarray(start));
  });
}

/** Fails where a promise takes half a minute. */
export function timed(promise, what) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what} did not come`)), TIMEOUT_MS);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
