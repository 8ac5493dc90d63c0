/** What every call that waits can be told. */
export interface Abortable {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds from the call. */
  readonly timeout?: number | undefined;
}
