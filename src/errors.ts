/** The catalogue: one row per code, so that a code means one thing in every output. */
export const CATALOGUE = {
  'usage.invalid': { blame: 'operator', exitCode: 2, httpStatus: 400 },
  'config.not-found': { blame: 'operator', exitCode: 2, httpStatus: 400 },
  'config.invalid': { blame: 'operator', exitCode: 2, httpStatus: 400 },
  'config.unreadable': { blame: 'operator', exitCode: 2, httpStatus: 400 },
  'env.unreadable': { blame: 'operator', exitCode: 2, httpStatus: 400 },
  'server.unknown': { blame: 'operator', exitCode: 3, httpStatus: 404 },
  'server.blocked': { blame: 'operator', exitCode: 1, httpStatus: 409 },
  'server.handshake': { blame: 'server', exitCode: 1, httpStatus: 502 },
  'server.exited': { blame: 'server', exitCode: 1, httpStatus: 502 },
  'supervisor.not-running': { blame: 'operator', exitCode: 1, httpStatus: 503 },
  'supervisor.unresponsive': { blame: 'supervisor', exitCode: 1, httpStatus: 504 },
  'supervisor.internal': { blame: 'supervisor', exitCode: 1, httpStatus: 500 },
  'gateway.port-taken': { blame: 'operator', exitCode: 1, httpStatus: 500 },
  'gateway.unusable': { blame: 'operator', exitCode: 1, httpStatus: 500 },
  'lock.busy': { blame: 'operator', exitCode: 1, httpStatus: 409 },
  'files.unusable': { blame: 'operator', exitCode: 1, httpStatus: 500 },
  'files.unsafe': { blame: 'operator', exitCode: 1, httpStatus: 500 },
  'boot.failed': { blame: 'operator', exitCode: 1, httpStatus: 500 },
  'engine.failed': { blame: 'supervisor', exitCode: 1, httpStatus: 500 },
  'engine.timeout': { blame: 'supervisor', exitCode: 1, httpStatus: 504 },
} as const satisfies Record<string, CatalogueRow>;

export interface CatalogueRow {
  readonly blame: 'operator' | 'server' | 'supervisor';
  readonly exitCode: 1 | 2 | 3;
  readonly httpStatus: number;
}

export type ErrorCode = keyof typeof CATALOGUE;

/** The one error class: what happened (`message`), and what to do about it (`hint`). */
export class SupervisorError extends Error {
  override readonly name = 'SupervisorError';
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, hint: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.hint = hint;
  }

  /** Where the code is explained: a path in this package, with the anchor. */
  get docs(): string {
    return `docs/errors.md#${this.code}`;
  }

  get exitCode(): number {
    return CATALOGUE[this.code].exitCode;
  }

  get httpStatus(): number {
    return CATALOGUE[this.code].httpStatus;
  }

  get blame(): CatalogueRow['blame'] {
    return CATALOGUE[this.code].blame;
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether `error` is a Node system error with this `code`, e.g. ENOENT. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
  );
}
