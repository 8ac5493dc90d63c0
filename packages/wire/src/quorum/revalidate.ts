/**
 * A session has come to another server, which asks the leader whether it still lives. Ask and answer
 * are told apart by their direction alone, and matched by the session.
 *
 *     RevalidateAsk    = long sessionId, int timeOut
 *     RevalidateAnswer = long sessionId, boolean valid
 */
import type { JuteReader } from '../jute/reader.ts';
import type { JuteWriter } from '../jute/writer.ts';

export interface RevalidateAsk {
  readonly sessionHigh: number;
  readonly sessionLow: number;
  readonly timeoutMs: number;
}

export function encodeRevalidateAsk(writer: JuteWriter, ask: RevalidateAsk): void {
  writer.long2(ask.sessionHigh, ask.sessionLow);
  writer.int(ask.timeoutMs);
}

export function decodeRevalidateAsk(reader: JuteReader): RevalidateAsk | null {
  const ask: RevalidateAsk = {
    sessionHigh: reader.int(),
    sessionLow: reader.int(),
    timeoutMs: reader.int(),
  };
  return reader.failed ? null : ask;
}

export interface RevalidateAnswer {
  readonly sessionHigh: number;
  readonly sessionLow: number;
  /** True makes the asking server the owner of the session. */
  readonly valid: boolean;
}

export function encodeRevalidateAnswer(writer: JuteWriter, answer: RevalidateAnswer): void {
  writer.long2(answer.sessionHigh, answer.sessionLow);
  writer.boolean(answer.valid);
}

export function decodeRevalidateAnswer(reader: JuteReader): RevalidateAnswer | null {
  const answer: RevalidateAnswer = {
    sessionHigh: reader.int(),
    sessionLow: reader.int(),
    valid: reader.boolean(),
  };
  return reader.failed ? null : answer;
}
