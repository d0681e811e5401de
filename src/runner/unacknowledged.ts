/**
 * Messages that were sent to a supervisor which has not said yet that it has taken them. One that is
 * killed loses what was on its way, so the next one gets these again; what it has no use for it drops.
 */
export class Unacknowledged {
  #lines: Buffer[] = [];
  /** Of the messages on this connection. */
  #acknowledged = 0;

  sent(line: Buffer): void {
    this.#lines.push(line);
  }

  /** The supervisor has taken `count` messages on this connection so far. */
  acknowledge(count: number): void {
    this.#lines.splice(0, count - this.#acknowledged);
    this.#acknowledged = count;
  }

  /** A new connection begins: returns what has to be sent again. */
  restart(): readonly Buffer[] {
    const lines = this.#lines;
    this.#lines = [];
    this.#acknowledged = 0;
    return lines;
  }
}
