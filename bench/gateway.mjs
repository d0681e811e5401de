/**
 * What the gateway costs: a tool call over the server's own stdio, over an HTTP server of the SDK that
 * answers by itself (the floor), and over ours, which has a runner and the server's process behind it.
 */
import { compare } from './lib/comparison.mjs';
import { ratio } from './lib/measure.mjs';
import { median, print, verdict } from './lib/report.mjs';
import { direct, floor, ours } from './lib/systems.mjs';

const { calls, memory } = await compare(
  { direct, 'floor (SSE, its default)': floor('sse'), 'floor (JSON)': floor('json'), ours },
  { base: 'direct', floor: 'floor (SSE, its default)' },
);

print();
for (const name of ['floor (SSE, its default)', 'floor (JSON)']) {
  const against = (key) => ratio(calls.get('ours')[key], calls.get(name)[key]);
  const small = against('small');
  const big = against('big');
  print(`p50 of 100 bytes: ${small.toFixed(2)} × ${name}, target ≤ 1.25: ${verdict(small <= 1.25)}`);
  print(`p50 of 1 MiB: ${big.toFixed(2)} × ${name}, target ≤ 1.3: ${verdict(big <= 1.3)}`);
}
const each = median(memory.get('ours').each);
print(`each further client: ${each.toFixed(2)} MB, target ≤ 0.5 MB: ${verdict(each <= 0.5)}`);
