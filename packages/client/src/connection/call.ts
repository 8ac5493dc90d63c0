/** One request of a program, from the call to the end of its promise. */
import type { Answer } from './answer.ts';
import type { RetryPolicy } from './retry.ts';
import type { RequestTrace } from './tracing.ts';

/** What all calls of one operation have in common. */
export interface CallKind<T> {
  /** As the program calls it. */
  readonly op: string;
  readonly opcode: number;
  /** Doing it twice is doing it once. */
  readonly isIdempotent: boolean;
  /** What the program gets; whether the record was one is the reader's to say. */
  read(answer: Answer, call: Call): T;
  /** What it gets where there is no such node, if that is no error. */
  readonly missing?: { readonly value: T };
}

export class Call {
  readonly kind: CallKind<unknown>;
  /** What the program's paths begin with on the server. */
  readonly root: string;
  /** As the program named it. */
  readonly path: string;
  readonly body: Uint8Array;
  /** Who hears of the watch that this sets, 0 for nobody; and of which path of the server. */
  readonly watcher: number;
  readonly watchPath: string;
  readonly retry: RetryPolicy;
  readonly askedMs: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  /** By which the session knows it; 0 while it waits for another try. */
  token = 0;
  attempt = 1;
  /** Those of the call and of its caller. */
  signal: AbortSignal | null = null;
  otherSignal: AbortSignal | null = null;
  timer: unknown = null;
  /** Why its caller waits no longer. */
  given: 'Aborted' | 'RequestTimeout' | null = null;
  givenBy: AbortSignal | null = null;
  /** One of its tries may have been done. */
  maybeApplied = false;
  trace: RequestTrace | null = null;

  constructor(
    kind: CallKind<unknown>,
    root: string,
    path: string,
    body: Uint8Array,
    watcher: number,
    watchPath: string,
    retry: RetryPolicy,
    askedMs: number,
    resolve: (value: unknown) => void,
    reject: (error: Error) => void,
  ) {
    this.kind = kind;
    this.root = root;
    this.path = path;
    this.body = body;
    this.watcher = watcher;
    this.watchPath = watchPath;
    this.retry = retry;
    this.askedMs = askedMs;
    this.resolve = resolve;
    this.reject = reject;
  }
}
