/** Between the keeper and its supervisor, over the IPC channel of `fork`. */
export type ToKeeper = { readonly kind: 'listen'; readonly host: string; readonly port: number };

export type FromKeeper =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'listen-failed'; readonly code: string; readonly message: string }
  /** Comes with the socket of a client. */
  | { readonly kind: 'connection' };
