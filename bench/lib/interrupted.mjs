/** What is running is ended also where the benchmark itself is. */

const running = new Set();
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    await Promise.allSettled([...running].map((stop) => stop()));
    process.exit(130);
  });
}

/** Wraps `stop` so that it runs at an interrupt, unless it has run before. */
export function stopAtInterrupt(stop) {
  const once = () => {
    running.delete(once);
    return stop();
  };
  running.add(once);
  return once;
}
