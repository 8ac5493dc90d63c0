/**
 * What can be listened to from outside, without any part in it. While nobody listens it costs a
 * question.
 */
export interface RequestTrace {
  readonly op: string;
  readonly path: string;
  readonly server: string | undefined;
  readonly sessionId: bigint | undefined;
  readonly bytesOut: number;
  bytesIn: number;
  /** From the call to its end. */
  tookMs: number;
  zxid: bigint | undefined;
  result?: unknown;
  error?: unknown;
}

export interface ConnectTrace {
  readonly server: string;
  readonly attempt: number;
  resumed?: boolean;
  timeout?: number;
  error?: unknown;
}

export interface RecipeTrace {
  readonly recipe: string;
  readonly step: string;
  readonly path: string;
  waitMs?: number;
  error?: unknown;
}

export interface WatchTrace {
  readonly type: string;
  readonly path: string;
  readonly listeners: number;
}

/** The life of one thing: begun, and ended well or not. */
export interface Channel<Trace extends object> {
  readonly isHeard: boolean;
  begin(trace: Trace): void;
  end(trace: Trace): void;
  fail(trace: Trace): void;
}

export interface Tracing {
  readonly request: Channel<RequestTrace>;
  readonly connect: Channel<ConnectTrace>;
  readonly recipe: Channel<RecipeTrace>;
  readonly isStateHeard: boolean;
  state(event: object): void;
  readonly isWatchHeard: boolean;
  watch(trace: WatchTrace): void;
}
