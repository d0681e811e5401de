/**
 * Has this process end with the one that forked it, by `end`. Where that one was gone before anybody could
 * listen, the event has passed unheard, and nothing has begun that would have to be ended.
 */
export function endWithParent(end: () => void): void {
  if (process.connected === false) process.exit(1);
  process.on('disconnect', end);
}
