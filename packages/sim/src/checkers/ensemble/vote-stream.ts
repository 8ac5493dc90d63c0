/** What one side of an election connection says: who it is, where it has called, and its votes. */
import { InitialMessageScanner, NotificationFrames, PeerState } from '@zabra/wire';
import type { Vote } from './facts.ts';

export class VoteStream {
  /** Null on the side that was called: it does not introduce itself. */
  readonly #greeting: InitialMessageScanner | null;
  readonly #frames = new NotificationFrames();

  constructor(hasCalled: boolean) {
    this.#greeting = hasCalled ? new InitialMessageScanner() : null;
  }

  push(chunk: Uint8Array, onVote: (vote: Vote) => void): void {
    const start = this.#greeting?.push(chunk) ?? 0;
    if (this.#greeting !== null && this.#greeting.outcome === null) return;
    const frames = this.#frames;
    frames.push(chunk.subarray(start));
    for (let next = frames.next(); next !== null; next = frames.next()) {
      if (next.kind === 'bad-length') return;
      if (next.kind !== 'notification') continue;
      const { state, leader, zxid, electionEpoch, peerEpoch } = next.notification;
      onVote({
        isLooking: state === PeerState.Looking,
        leader: Number(leader),
        zxid,
        round: electionEpoch,
        peerEpoch,
      });
    }
  }
}
