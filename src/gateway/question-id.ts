/**
 * The ids under which clients are asked what a child asks carry their way back, as those of calls do: so the
 * next supervisor, too, knows what a client answers. `supervisor` tells its questions from those of others.
 */
export interface Question {
  readonly supervisor: string;
  /** Tells it from the supervisor's others: the next child of a runner counts from 0 again. */
  readonly number: number;
  /** Of the session that is asked. */
  readonly sessionKey: string;
  /** The pm2 app of the runner whose child asks. */
  readonly app: string;
  /** JSON text of the child's own id, which may be 0. */
  readonly rawId: string;
}

const MARK = 'ask';

/** `ask:5f3a:1:k3x9:everything@1:0`: parts hold no colon, and no character that needs an escape in JSON. */
export function questionId({ supervisor, number, sessionKey, app, rawId }: Question): string {
  return [MARK, supervisor, number, sessionKey, app, rawId].map(encodeURIComponent).join(':');
}

/** Null for an id that is none of ours. */
export function parseQuestionId(id: string): Question | null {
  const [mark, ...parts] = id.split(':');
  if (mark !== MARK || parts.length !== 5) return null;
  try {
    const [supervisor, number, sessionKey, app, rawId] = parts.map(decodeURIComponent);
    if (!supervisor || !sessionKey || !app || !rawId) return null;
    JSON.parse(rawId);
    return { supervisor, number: Number(number), sessionKey, app, rawId };
  } catch {
    // A client made it up.
    return null;
  }
}
