/**
 * What a leader proposes and commits in its term, as packets on two tapes: PROPOSAL and COMMIT for
 * participants, INFORM for observers. Proposals are known by their counters, since the epoch of a
 * term is one; everything before the term is counter 0.
 *
 * A proposal is kept until it is committed and on the leader's own disk, and beyond that as long as
 * there is room: what is not kept can be read from the log, so nothing is ever in neither.
 */
import {
  appendCommit,
  appendCommitAndActivate,
  appendProposal,
  assert,
  type JuteWriter,
  PacketType,
  type ServerId,
} from '@zabra/wire';
import { Recent } from './recent.ts';
import { Tape } from './tape.ts';

/** Type, zxid and length of the data; behind the data, that there are no identities. */
const HEAD_BYTES = 16;
const TAIL_BYTES = 4;
const COMMIT_BYTES: number = HEAD_BYTES + TAIL_BYTES;
const SERVER_ID_BYTES = 8;

export class Broadcast {
  readonly epoch: number;
  readonly proposals: Tape = new Tape();
  readonly informs: Tape = new Tape();
  readonly recent: Recent;
  proposed: number;
  committed: number;
  /** Observers in step; without any, nobody is informed. */
  observers = 0;

  /** Everything up to the counter `from` was said elsewhere, and is committed. */
  constructor(epoch: number, from: number) {
    this.epoch = epoch;
    this.recent = new Recent(from + 1);
    this.proposed = from;
    this.committed = from;
  }

  propose(bytes: Uint8Array, view: DataView, start: number, byteCount: number): void {
    const place = this.proposals.end;
    const writer = this.proposals.open(HEAD_BYTES + byteCount + TAIL_BYTES);
    this.proposed += 1;
    appendProposal(writer, this.epoch, this.proposed | 0, bytes, view, start, byteCount);
    this.proposals.close();
    this.recent.add(place, this.proposals.end - place);
  }

  /** Everything up to this counter is committed. */
  commitTo(counter: number): void {
    assert(counter <= this.proposed, 'what is committed was proposed');
    while (this.committed < counter) {
      this.committed += 1;
      appendCommit(this.proposals.open(COMMIT_BYTES), this.epoch, this.committed | 0);
      this.proposals.close();
      if (this.observers > 0) this.#inform(PacketType.Inform, null);
    }
  }

  /** The next one is committed too; by the configuration it makes, this server leads. */
  activateNext(leader: ServerId): void {
    assert(this.committed < this.proposed, 'what is activated was proposed');
    this.committed += 1;
    const writer = this.proposals.open(COMMIT_BYTES + SERVER_ID_BYTES);
    appendCommitAndActivate(writer, this.epoch, this.committed | 0, leader);
    this.proposals.close();
    if (this.observers > 0) this.#inform(PacketType.InformAndActivate, leader);
  }

  /** Writes a proposal as it was made. */
  copyProposal(counter: number, out: JuteWriter): void {
    this.proposals.copy(this.recent.placeOf(counter), this.recent.byteCountOf(counter), out);
  }

  /** Bytes of what is not committed yet, or not on the own disk. */
  outstandingBytes(durable: number): number {
    const first = Math.min(this.committed, durable) + 1;
    return first > this.proposed ? 0 : this.proposals.end - this.recent.placeOf(first);
  }

  /** Lets go of what is through and does not fit. */
  trim(durable: number, bytesMax: number): void {
    const { proposals, informs, recent } = this;
    const through = Math.min(this.committed, durable);
    while (recent.first <= through) {
      if (proposals.end - recent.placeOf(recent.first) <= bytesMax) break;
      recent.forgetFirst();
    }
    proposals.forget(recent.first > recent.last ? proposals.end : recent.placeOf(recent.first));
    informs.forget(informs.end - bytesMax);
  }

  /** The record just committed, from where it was proposed. */
  #inform(type: number, leader: ServerId | null): void {
    const place = this.recent.placeOf(this.committed) + HEAD_BYTES;
    const dataBytes = this.recent.byteCountOf(this.committed) - HEAD_BYTES - TAIL_BYTES;
    const leaderBytes = leader === null ? 0 : SERVER_ID_BYTES;
    const writer = this.informs.open(HEAD_BYTES + leaderBytes + dataBytes + TAIL_BYTES);
    writer.int(type);
    writer.long2(this.epoch, this.committed | 0);
    writer.int(leaderBytes + dataBytes);
    if (leader !== null) writer.long(leader);
    this.proposals.copy(place, dataBytes, writer);
    writer.int(-1);
    this.informs.close();
  }
}
