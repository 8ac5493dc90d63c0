/**
 * What a learner has taken from its leader into its log, and how far that is committed. Records come
 * in order and without holes, and only what has come is committed, one after the other; whatever
 * does not keep to that ends the connection, since a leader that errs once is not believed again.
 *
 * A record that is there already is passed over: a leader may send again what its own snapshot held.
 */
import type { Ensemble, PacketView } from '@zabra/wire';
import type { Standing } from '../standing.ts';
import { compareHalves, isSuccessor } from '../zxid-halves.ts';

/** Wants to know of every record that is taken. The bytes are borrowed. */
export interface RecordSink {
  onRecord(
    high: number,
    low: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    byteCount: number,
  ): void;
}

export class Intake {
  readonly #standing: Standing;
  readonly #sink: RecordSink | null;
  committedHigh: number;
  committedLow: number;
  /** The first record that is not committed; meaningful while there is one. */
  #headHigh = 0;
  #headLow = 0;
  #hasHead = false;
  /** The configuration that a record of this leader proposes, until it is committed. */
  #proposed: Ensemble | null = null;

  /** All that the log holds now is the leader's history too. */
  constructor(standing: Standing, sink: RecordSink | null) {
    this.#standing = standing;
    this.#sink = sink;
    this.committedHigh = standing.history.lastHigh;
    this.committedLow = standing.history.lastLow;
  }

  /** A record for the log, `byteCount` bytes from `start` on; the problem with it, or null. */
  take(packet: PacketView, start: number, byteCount: number): string | null {
    const { history, journal, service, configurations } = this.#standing;
    const { zxidHigh: high, zxidLow: low, bytes, view } = packet;
    const { lastHigh, lastLow } = history;
    if (compareHalves(high, low, lastHigh, lastLow) <= 0) return null;
    if (byteCount < 0) return 'its leader proposed nothing';
    if (!isSuccessor(lastHigh, lastLow, high, low)) return 'its leader left out a record';
    if (!this.#hasHead) {
      this.#hasHead = true;
      this.#headHigh = high;
      this.#headLow = low;
    } else if (high !== this.#headHigh) {
      return 'its leader proposed in an epoch before the last one was committed';
    }
    const proposed = service.configurationIn(view, start, byteCount);
    if (proposed !== null && this.#standing.settings.reconfigEnabled) {
      configurations.propose(proposed);
      this.#proposed = proposed;
    }
    journal.append(high, low, bytes, view, start, byteCount);
    history.append(high, low);
    if (this.#sink !== null) this.#sink.onRecord(high, low, bytes, view, start, byteCount);
    return null;
  }

  /** This record is agreed; the problem with that, or null. */
  commit(high: number, low: number): string | null {
    if (compareHalves(high, low, this.committedHigh, this.committedLow) <= 0) return null;
    if (!this.#hasHead || high !== this.#headHigh || low !== this.#headLow) {
      return 'its leader committed what is not next';
    }
    this.committedHigh = high;
    this.committedLow = low;
    const { lastHigh, lastLow } = this.#standing.history;
    if (high === lastHigh && low === lastLow) this.#hasHead = false;
    else this.#headLow = (low + 1) | 0;
    return null;
  }

  /** The configuration proposed last; there is none any more. */
  takeProposed(): Ensemble | null {
    const proposed = this.#proposed;
    this.#proposed = null;
    return proposed;
  }
}
