/**
 * All calls of a client that have no end yet, over as many sessions as it takes: what is asked goes
 * to the session there is, its end goes to the caller, as a value or as an error. Here it is decided
 * whether something is asked again.
 *
 * A call costs its promise, itself and the bytes of its request; no closure, no further promise.
 */
import { Opcode, ErrorCode as WireCode } from '@zabra/wire';
import { codeOf, createError, isTransient } from '../errors/create-error.ts';
import type { ErrorCode } from '../errors/error-code.ts';
import type { ZooKeeperError } from '../errors/zookeeper-error.ts';
import { type Completion, Outcome, type Session, type Unwatch } from '../session/index.ts';
import type { Abortable } from './abortable.ts';
import { Answer } from './answer.ts';
import { Call, type CallKind } from './call.ts';
import { CallSlots } from './call-slots.ts';
import type { Host } from './host.ts';
import { beginTrace, endTrace, failTrace } from './request-trace.ts';
import { type RetryPolicy, retries } from './retry.ts';
import { Signals } from './signals.ts';

/** Who asks: a view of the tree, with what all its calls have in common. */
export interface Caller extends Abortable {
  /** What its paths begin with on the server; '' for the whole tree. */
  readonly root: string;
  readonly retry: RetryPolicy;
}

/** Where calls go. */
export interface CallTarget {
  /** The session there is, to be asked something of. */
  ask(): Session;
  /** To look at. */
  readonly session: Session;
  /** Nothing will be answered any more. */
  readonly isOver: boolean;
  /** A watcher whose watch was not set. */
  dropWatcher(watcher: number): void;
}

const codes: Readonly<Record<Exclude<Outcome, 'answered' | 'abandoned'>, ErrorCode>> = {
  [Outcome.ConnectionLoss]: 'ConnectionLoss',
  [Outcome.SessionLost]: 'SessionExpired',
  [Outcome.AuthFailed]: 'AuthFailed',
  [Outcome.Closed]: 'Closed',
  [Outcome.TimedOut]: 'RequestTimeout',
  [Outcome.Full]: 'QueueFull',
  [Outcome.RequestTooLarge]: 'RequestTooLarge',
  [Outcome.ReplyTooLarge]: 'ReplyTooLarge',
};

const NOTHING = new Uint8Array(0);

const unwatchKind: CallKind<void> = {
  op: 'unwatch',
  opcode: Opcode.RemoveWatches,
  isIdempotent: true,
  read: () => undefined,
};

/** A queue that was full is not asked again in the same breath. */
const FULL_PAUSE_MS = 10;

// A promise hands its two functions to its executor alone; this one leaves them here.
let takenResolve: (value: unknown) => void;
let takenReject: (error: Error) => void;
const take = (resolve: (value: unknown) => void, reject: (error: Error) => void): void => {
  takenResolve = resolve;
  takenReject = reject;
};

export class Calls {
  readonly #target: CallTarget;
  readonly #host: Host;
  readonly #answer: Answer;
  readonly #slots = new CallSlots();
  readonly #signals = new Signals((call, signal) => {
    call.givenBy ??= signal;
    this.#giveUp(call, 'Aborted');
  });
  /** Those that wait for another try. */
  readonly #resting = new Map<Call, unknown>();
  retried = 0;

  constructor(target: CallTarget, host: Host) {
    this.#target = target;
    this.#host = host;
    this.#answer = new Answer(host);
  }

  get count(): number {
    return this.#slots.count + this.#resting.size;
  }

  ask<T>(
    caller: Caller,
    kind: CallKind<T>,
    path: string,
    body: Uint8Array,
    options?: Abortable,
    watcher = 0,
    watchPath = '',
  ): Promise<T> {
    const promise = new Promise<unknown>(take);
    const call = new Call(
      kind,
      caller.root,
      path,
      body,
      watcher,
      watchPath,
      caller.retry,
      performance.now(),
      takenResolve,
      takenReject,
    );
    if (this.#follow(call, caller, options)) this.#send(call);
    return promise as Promise<T>;
  }

  /** An identity to be proved; its end is told as that of any other call. */
  addAuth(
    caller: Caller,
    kind: CallKind<void>,
    scheme: string,
    proof: Uint8Array,
    options: Abortable,
  ): Promise<void> {
    const promise = new Promise<unknown>(take);
    const nowMs = performance.now();
    const { root } = caller;
    const { none } = retries;
    const call = new Call(kind, root, '', proof, 0, '', none, nowMs, takenResolve, takenReject);
    if (this.#follow(call, caller, options)) {
      call.token = this.#slots.put(call);
      this.#target.ask().addAuth(call.token, scheme, proof);
    }
    return promise as Promise<void>;
  }

  /** A watcher hears nothing more; resolves when the server has been told, if one is there. */
  unwatch(what: Unwatch): Promise<void> {
    const promise = new Promise<unknown>(take);
    const nowMs = performance.now();
    const call = new Call(
      unwatchKind,
      '',
      what.path,
      NOTHING,
      0,
      '',
      retries.none,
      nowMs,
      takenResolve,
      takenReject,
    );
    call.token = this.#slots.put(call);
    this.#target.ask().unwatch(call.token, what);
    return promise as Promise<void>;
  }

  complete(completion: Completion): void {
    const call = this.#slots.take(completion.token);
    if (call === undefined) return;
    call.token = 0;
    const { outcome, code } = completion;
    if (outcome === Outcome.Answered && call.given === null) {
      const { missing } = call.kind;
      if (code === WireCode.Ok) this.#answered(call, completion);
      else if (code === WireCode.NoNode && missing !== undefined) {
        this.#resolve(call, missing.value, completion);
      } else this.#failed(call, completion);
    } else this.#failed(call, completion);
  }

  /** Those that wait for another try wait no more. */
  failResting(code: ErrorCode): void {
    for (const call of [...this.#resting.keys()]) {
      this.#wake(call);
      this.#reject(call, this.#errorOf(call, code, false));
    }
  }

  /** Whether somebody still waits; false if the signal had it aborted before it began. */
  #follow(call: Call, caller: Caller, options: Abortable | undefined): boolean {
    const own = options?.signal;
    if (own !== undefined && !this.#followSignal(call, own)) return false;
    const { signal } = caller;
    if (signal !== undefined && signal !== own && !this.#followSignal(call, signal)) return false;
    const timeoutMs = options?.timeout ?? caller.timeout;
    if (timeoutMs !== undefined && timeoutMs !== Number.POSITIVE_INFINITY) {
      call.timer = this.#host.setTimer(() => {
        call.timer = null;
        this.#giveUp(call, 'RequestTimeout');
      }, timeoutMs);
    }
    const { request } = this.#host.tracing;
    if (request.isHeard) beginTrace(request, call, this.#target.session);
    return true;
  }

  #followSignal(call: Call, signal: AbortSignal): boolean {
    if (signal.aborted) {
      call.given = 'Aborted';
      call.givenBy = signal;
      this.#reject(call, this.#errorOf(call, 'Aborted', false));
      return false;
    }
    if (call.signal === null) call.signal = signal;
    else call.otherSignal = signal;
    this.#signals.follow(signal, call);
    return true;
  }

  #send(call: Call): void {
    const token = this.#slots.put(call);
    call.token = token;
    const { opcode } = call.kind;
    const { body, watcher, watchPath } = call;
    const session = this.#target.ask();
    if (watcher === 0) session.request({ token, opcode, body });
    else session.request({ token, opcode, body, watch: { watcher, path: watchPath } });
  }

  /** Its caller waits no longer. What was sent keeps its place; its answer will be dropped. */
  #giveUp(call: Call, why: 'Aborted' | 'RequestTimeout'): void {
    if (call.given !== null) return;
    call.given = why;
    if (call.token !== 0) this.#target.ask().abandon(call.token);
    else if (this.#wake(call)) this.#reject(call, this.#errorOf(call, why, false));
  }

  /** It rests no longer; false if it did not. */
  #wake(call: Call): boolean {
    this.#host.clearTimer(this.#resting.get(call));
    return this.#resting.delete(call);
  }

  #answered(call: Call, completion: Completion): void {
    const answer = this.#answer.over(completion.body ?? NOTHING);
    const value = call.kind.read(answer, call);
    if (answer.reader.failed) this.#reject(call, this.#errorOf(call, 'BadReply', true));
    else this.#resolve(call, value, completion);
  }

  #failed(call: Call, { outcome, code, maybeApplied }: Completion): void {
    const name =
      call.given ??
      (outcome === Outcome.Answered ? codeOf(code) : codes[outcome as keyof typeof codes]);
    const error = this.#errorOf(call, name, maybeApplied);
    const pauseMs = call.given === null ? this.#pauseBeforeNext(call, error) : false;
    if (pauseMs === false) this.#reject(call, error);
    else this.#askAgain(call, pauseMs);
  }

  #pauseBeforeNext(call: Call, error: ZooKeeperError): number | false {
    if (this.#target.isOver) return false;
    if (!isTransient(error.code) && error.code !== 'SessionExpired') return false;
    const { attempt, kind } = call;
    const elapsed = performance.now() - call.askedMs;
    const idempotent = kind.isIdempotent;
    try {
      const pauseMs = call.retry.next({ attempt, elapsed, error, idempotent });
      if (pauseMs === false || error.code !== 'QueueFull') return pauseMs;
      return Math.max(FULL_PAUSE_MS, pauseMs);
    } catch (thrown) {
      this.#host.complain('a retry policy has thrown', thrown);
      return false;
    }
  }

  #askAgain(call: Call, pauseMs: number): void {
    call.attempt += 1;
    this.retried += 1;
    if (pauseMs <= 0) {
      this.#send(call);
      return;
    }
    const timer = this.#host.setTimer(() => {
      this.#resting.delete(call);
      this.#send(call);
    }, pauseMs);
    this.#resting.set(call, timer);
  }

  #errorOf(call: Call, code: ErrorCode | number, maybeApplied: boolean): ZooKeeperError {
    // What an earlier try may have done is not undone by a later one that did nothing.
    call.maybeApplied ||= maybeApplied;
    const { kind, path } = call;
    const retryable = isTransient(code) && (kind.isIdempotent || !call.maybeApplied);
    return createError(code, {
      op: kind.op,
      path,
      maybeApplied: call.maybeApplied,
      retryable,
      sessionId: this.#target.session.credentials?.sessionId,
      cause: call.given === 'Aborted' ? call.givenBy?.reason : undefined,
    });
  }

  #resolve(call: Call, value: unknown, completion: Completion): void {
    this.#settle(call);
    if (call.trace !== null) endTrace(this.#host.tracing.request, call, completion, value);
    call.resolve(value);
  }

  #reject(call: Call, error: ZooKeeperError): void {
    this.#settle(call);
    if (call.watcher !== 0) this.#target.dropWatcher(call.watcher);
    if (call.trace !== null) failTrace(this.#host.tracing.request, call, error);
    call.reject(error);
  }

  #settle(call: Call): void {
    if (call.signal !== null) this.#signals.unfollow(call.signal, call);
    if (call.otherSignal !== null) this.#signals.unfollow(call.otherSignal, call);
    if (call.timer !== null) this.#host.clearTimer(call.timer);
    call.timer = null;
  }
}
