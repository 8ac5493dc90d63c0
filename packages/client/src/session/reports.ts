/** The one queue of all that a session tells, so that events and answers keep their order. */
import { ErrorCode } from '@zabra/wire';
import { Outcome, type Report } from './contract.ts';
import type { Figures } from './figures.ts';

const codes: Readonly<Record<Outcome, number>> = {
  [Outcome.Answered]: ErrorCode.Ok,
  [Outcome.ConnectionLoss]: ErrorCode.ConnectionLoss,
  [Outcome.SessionLost]: ErrorCode.SessionExpired,
  [Outcome.AuthFailed]: ErrorCode.AuthFailed,
  [Outcome.Closed]: ErrorCode.ConnectionLoss,
  [Outcome.TimedOut]: ErrorCode.RequestTimeout,
  [Outcome.Abandoned]: ErrorCode.OperationTimeout,
  [Outcome.Full]: ErrorCode.ConnectionLoss,
  [Outcome.RequestTooLarge]: ErrorCode.BadArguments,
  [Outcome.ReplyTooLarge]: ErrorCode.ConnectionLoss,
};

export class Reports {
  readonly #figures: Figures;
  #queue: Report[] = [];

  constructor(figures: Figures) {
    this.#figures = figures;
  }

  push(report: Report): void {
    this.#queue.push(report);
  }

  /** What the server said to a request. */
  answered(
    token: number,
    opcode: number,
    code: number,
    high: number,
    low: number,
    body: Uint8Array | null,
  ): void {
    this.#figures.requestsAnswered += 1;
    this.#queue.push({
      kind: 'completion',
      token,
      opcode,
      outcome: Outcome.Answered,
      code,
      maybeApplied: code === ErrorCode.Ok,
      zxidHigh: high,
      zxidLow: low,
      body,
    });
  }

  /** The end of a request without an answer, with its usual code unless another is given. */
  failed(
    token: number,
    opcode: number,
    outcome: Outcome,
    wasSent: boolean,
    code: number | null = null,
  ): void {
    this.#figures.requestsFailed += 1;
    this.#queue.push({
      kind: 'completion',
      token,
      opcode,
      outcome,
      code: code ?? codes[outcome],
      maybeApplied: wasSent,
      zxidHigh: 0,
      zxidLow: 0,
      body: null,
    });
  }

  take(): readonly Report[] {
    const taken = this.#queue;
    if (taken.length > 0) this.#queue = [];
    return taken;
  }
}
