/** Run by writer-processes.test.ts: writes so many numbered lines, as one generation of a server. */
import { encodeRecord } from '../../../src/logs/record.ts';
import { LogWriter } from '../../../src/logs/writer.ts';

const [path = '', generation, lines] = process.argv.slice(2);
const writer = new LogWriter(path, {
  maxBytes: 200_000,
  keep: 10_000,
  onError: (error) => {
    throw error;
  },
});
for (let n = 0; n < Number(lines); n += 1) {
  const free = writer.write(
    encodeRecord({
      time: new Date().toISOString(),
      server: 'sentry',
      generation: Number(generation),
      stream: 'stderr',
      level: 'info',
      line: `line ${n}`,
    }),
  );
  if (!free) await writer.drained();
  // Bursts of different sizes, so that the writers get in one another's way.
  if (n % (50 + Number(generation) * 13) === 0) await writer.flush();
}
await writer.close();
