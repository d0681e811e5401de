import fc from 'fast-check';
import { body, validCall } from './hostile-bodies.ts';
import type { Ending, Sent } from './raw-http.ts';

/** Where to, with what opens the door. */
export interface Door {
  readonly path: string;
  readonly token: string;
  /** The id of a session that lives. */
  readonly session: string;
}

type Plan = (door: Door) => Sent;

const SHOWN_CHARACTERS = 1_500;

/** Shows what a counterexample sends, and not how. */
function readable(plan: Plan): Plan {
  const show = () => {
    const { chunks, ending } = plan({ path: '/tiny/mcp', token: 'TOKEN', session: 'SESSION' });
    return `${JSON.stringify(Buffer.concat(chunks).toString('latin1').slice(0, SHOWN_CHARACTERS))}, then ${ending}`;
  };
  return Object.assign(plan, { [fc.toStringMethod]: show });
}

type Header = readonly [name: string, value: string];

const base = ({ token, session }: Door): Header[] => [
  ['Host', '127.0.0.1'],
  ['Authorization', `Bearer ${token}`],
  ['Mcp-Session-Id', session],
  ['Accept', 'application/json, text/event-stream'],
  ['Content-Type', 'application/json'],
  ['Connection', 'close'],
];

function request(method: string, path: string, headers: readonly Header[], content: Buffer): Buffer {
  const declared = headers.some(([name]) => name === 'Content-Length')
    ? []
    : [`Content-Length: ${content.length}`];
  const lines = [`${method} ${path} HTTP/1.1`, ...headers.map((header) => header.join(': ')), ...declared];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), content]);
}

const noControl = fc
  .string({ unit: 'binary-ascii', maxLength: 60 })
  .map((text) => text.replace(/[^ -~]/g, '~'));
/** Instead of what belongs there; '' takes the header away. */
const oddHeader: fc.Arbitrary<Header> = fc.oneof(
  fc.constantFrom<Header>(
    ['Host', 'evil.example.com'],
    ['Host', ''],
    ['Host', '[::1'],
    ['Origin', 'http://evil.example.com'],
    ['Origin', 'null'],
    ['Accept', 'text/html'],
    ['Accept', ''],
    ['Content-Type', 'text/plain'],
    ['Content-Type', 'application/json; charset=utf-16'],
    ['Content-Type', ''],
    ['Authorization', 'Bearer wrong'],
    ['Authorization', 'Basic \xe9\xff'],
    ['Authorization', ''],
    ['Mcp-Session-Id', ''],
    ['Mcp-Session-Id', '0123456789abcdef0123456789abcdef'],
    ['Mcp-Session-Id', '__proto__'],
    ['MCP-Protocol-Version', '1999-01-01'],
    ['MCP-Protocol-Version', '2025-11-25'],
    ['Last-Event-ID', 'get_999999999999999999999999'],
    ['Last-Event-ID', '%_1'],
    ['Transfer-Encoding', 'chunked'],
    ['Transfer-Encoding', 'gzip'],
    ['Content-Length', '-1'],
    ['Content-Length', '1e3'],
    ['Content-Length', '0x10'],
    ['Content-Length', '99999999999999999999999'],
    ['Content-Length', '900000000'],
    ['Expect', '100-continue'],
    ['Expect', 'a miracle'],
    ['Upgrade', 'websocket'],
    ['X-Long', 'a'.repeat(40_000)],
    ['X-Bad\0', 'x'],
    ['X Bad', 'x'],
    ['X-Split', 'x\r\nX-Other: y'],
    ['X-Split', 'x\nX-Other: y'],
  ),
  fc.tuple(fc.constantFrom('Mcp-Session-Id', 'Last-Event-ID', 'Accept', 'Origin', 'Cookie'), noControl),
);
const oddHeaders = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  { weight: 4, arbitrary: fc.array(oddHeader, { maxLength: 3 }) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 50, max: 3_000 }).map((count) => Array<Header>(count).fill(['X', '1'])),
  },
);

function withOdd(headers: readonly Header[], odd: readonly Header[]): Header[] {
  const names = new Set(odd.map(([name]) => name));
  return [...headers.filter(([name]) => !names.has(name)), ...odd.filter(([, value]) => value !== '')];
}

const target = fc.oneof(
  { weight: 6, arbitrary: fc.constant(null) },
  fc.constantFrom(
    '/',
    '/nobody/mcp',
    '//mcp',
    '/../mcp',
    '/tiny/mcp/../../x',
    '*',
    'http://x/y',
    '/healthz',
    '/readyz',
    '/%00/mcp',
  ),
  noControl.map((text) => `/${text.replaceAll(' ', '_')}`),
);
const method = fc.oneof(
  { weight: 8, arbitrary: fc.constant('POST') },
  fc.constantFrom('GET', 'DELETE', 'PUT', 'OPTIONS', 'PATCH', 'TRACE', 'BREW', 'post'),
);

const whole: fc.Arbitrary<Plan> = fc
  .tuple(method, target, oddHeaders, body)
  .map(([verb, path, odd, content]) => (door) => {
    // It would end the session that everybody else here uses.
    const headers = withOdd(base(door), verb === 'DELETE' ? [...odd, ['Mcp-Session-Id', 'over']] : odd);
    const answers = verb !== 'BREW';
    return {
      chunks: [request(verb, path ?? door.path, headers, content)],
      ending: 'wait',
      responses: answers ? 1 : null,
    };
  });

/** A request that does not come to its end, or whose client does not wait for the answer. */
const broken: fc.Arbitrary<Plan> = fc
  .tuple(body, fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom<Ending>('half-close', 'reset'))
  .map(([content, part, ending]) => (door) => {
    const bytes = request('POST', door.path, base(door), content);
    return { chunks: [bytes.subarray(0, Math.ceil(bytes.length * part))], ending, responses: null };
  });

const pipelined: fc.Arbitrary<Plan> = fc
  .array(validCall, { minLength: 2, maxLength: 6 })
  .map((calls) => (door) => {
    const requests = calls.map((text, at) => {
      const last = at === calls.length - 1;
      const headers = withOdd(base(door), [['Connection', last ? 'close' : 'keep-alive']]);
      // No two have the same id: then each has an answer.
      return request(
        'POST',
        door.path,
        headers,
        Buffer.from(text.replace(/"id":[^,]*/, `"id":"pipelined-${at}"`)),
      );
    });
    return { chunks: [Buffer.concat(requests)], ending: 'wait', responses: calls.length };
  });

const chunked: fc.Arbitrary<Plan> = fc
  .tuple(body, fc.integer({ min: 1, max: 5_000 }), fc.boolean())
  .map(([content, size, good]) => (door) => {
    const headers = withOdd(base(door), [
      ['Transfer-Encoding', 'chunked'],
      ['Content-Length', ''],
    ]);
    const head = request('POST', door.path, headers, Buffer.alloc(0))
      .toString('latin1')
      .replace(/Content-Length: 0\r\n/, '');
    const chunks: Buffer[] = [Buffer.from(head, 'latin1')];
    for (let at = 0; at < content.length; at += size) {
      const chunk = content.subarray(at, at + size);
      chunks.push(
        Buffer.from(`${(good ? chunk.length : chunk.length + 1).toString(16)}\r\n`),
        chunk,
        Buffer.from('\r\n'),
      );
    }
    chunks.push(Buffer.from('0\r\n\r\n'));
    return { chunks, ending: good ? 'wait' : 'half-close', responses: good ? 1 : null };
  });

const garbage: fc.Arbitrary<Plan> = fc
  .tuple(fc.uint8Array({ maxLength: 3_000 }), fc.constantFrom<Ending>('half-close', 'reset'))
  .map(([bytes, ending]) => () => ({ chunks: [Buffer.from(bytes)], ending, responses: null }));

export const hostileRequest: fc.Arbitrary<Plan> = fc
  .oneof(
    { weight: 8, arbitrary: whole },
    { weight: 2, arbitrary: broken },
    { weight: 2, arbitrary: pipelined },
    { weight: 1, arbitrary: chunked },
    { weight: 1, arbitrary: garbage },
  )
  .map(readable);
