/** What everything a leader does in one term refers to. */
import { type Zxid, zxidEpoch, zxidOf } from '@zabra/wire';
import type { Standing } from '../standing.ts';
import type { Broadcast } from './broadcast.ts';
import { Syncs } from './syncs.ts';
import { Tally } from './tally.ts';

export class Term {
  readonly standing: Standing;
  readonly epoch: number;
  /** The last record from before this term: all up to it is this leader's history. */
  readonly historyEnd: Zxid;
  /** The epoch of the last leader whose history this server had taken over. */
  readonly formerEpoch: number;
  readonly broadcast: Broadcast;
  readonly tally: Tally = new Tally();
  readonly syncs: Syncs;
  /** A quorum has taken over the history. */
  isServing = false;

  constructor(standing: Standing, formerEpoch: number, historyEnd: Zxid, broadcast: Broadcast) {
    this.standing = standing;
    this.epoch = broadcast.epoch;
    this.formerEpoch = formerEpoch;
    this.historyEnd = historyEnd;
    this.broadcast = broadcast;
    this.syncs = new Syncs(standing.settings.observerSyncsMax);
  }

  /** The last record that learners may be told is committed. */
  get committed(): Zxid {
    const { committed } = this.broadcast;
    return committed === 0 ? this.historyEnd : zxidOf(this.epoch, committed);
  }

  /** Counter of the last proposal that is on this server's own disk. */
  get durable(): number {
    const { history } = this.standing;
    return history.durableHigh === this.epoch ? history.durableLow >>> 0 : 0;
  }

  /** A zxid as a counter of this term: 0 for the end of the history, null for what is before it. */
  counterOf(zxid: Zxid): number | null {
    if (zxidEpoch(zxid) === this.epoch) return Number(BigInt.asUintN(32, zxid));
    return zxid === this.historyEnd ? 0 : null;
  }
}
