/** Between the keeper and its supervisor, over the IPC channel of `fork`. */
export type ToKeeper =
  | { readonly kind: 'listen'; readonly host: string; readonly port: number }
  /** The supervisor has closed this connection. */
  | { readonly kind: 'closed'; readonly id: string };

export type FromKeeper =
  /** After the connections that were there before. */
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'listen-failed'; readonly code: string; readonly message: string }
  /** Comes with the socket of a client, which an earlier supervisor may have had before. */
  | { readonly kind: 'connection'; readonly id: string };
