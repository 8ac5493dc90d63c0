/**
 * How a learner gets in step, judged by the last zxid it says it has. What can be told from the term
 * alone is told here; for the rest the log is read from there on, and `wayByLog` judges by what it
 * holds.
 *
 *     DIFF    what it has is a first part of the leader's history: it is sent the rest
 *     TRUNC   what it has goes beyond a record that is in both: it cuts that off first
 *     SNAP    anything else
 *
 * A snapshot must have a zxid above the learner's: Apache's learners keep their old log beside it and
 * would replay what is above. And Apache's learners may fail to cut, without noticing, where the
 * snapshot they started from is the very record to be cut back to; so what diverges is replaced, as a
 * rule. Proposals of this same term that are not committed yet are cut off all the same: whoever
 * fails to cut those has what it is sent next.
 */
import { type Zxid, zxidCounter, zxidEpoch } from '@zabra/wire';
import type { Term } from './term.ts';

export type WayToSync =
  /** Everything behind `from` is to follow. */
  | { readonly kind: 'diff'; readonly from: Zxid }
  | { readonly kind: 'trunc'; readonly to: Zxid }
  | { readonly kind: 'snap'; readonly atLeast: Zxid }
  /** Read the log to tell. */
  | { readonly kind: 'unknown' }
  /** It says it has what nobody can have. */
  | { readonly kind: 'absurd' };

export function wayByTerm(term: Term, zxid: Zxid): WayToSync {
  const { epoch, historyEnd, formerEpoch, broadcast } = term;
  const { proposed, committed } = broadcast;
  const counter = term.counterOf(zxid);
  if (zxidEpoch(zxid) > epoch || (counter !== null && counter > proposed))
    return { kind: 'absurd' };
  if (counter !== null && counter > committed) return { kind: 'trunc', to: term.committed };
  if (counter === committed) return { kind: 'diff', from: zxid };
  if (zxid <= 0n || term.standing.settings.forcesSnapshots) return wayBySnapshot(term, zxid);
  // What it lacks is among the recent proposals, or is looked for in the log: that may be cut short.
  if (counter !== null && counter + 1 >= broadcast.recent.first)
    return { kind: 'diff', from: zxid };
  // It has what that leader began with, and so has this server, who followed it to the same place.
  const beganWithIt = isEpochStart(zxid) && zxidEpoch(zxid) === formerEpoch;
  if (beganWithIt && zxid > historyEnd) return { kind: 'diff', from: historyEnd };
  return { kind: 'unknown' };
}

/** `before` is the last record of the log at or below the learner's, `after` the one behind it. */
export function wayByLog(
  term: Term,
  zxid: Zxid,
  before: Zxid | null,
  after: Zxid | null,
): WayToSync {
  if (before === zxid || isBehind(term, zxid, after)) return { kind: 'diff', from: zxid };
  if (before === null) return wayBySnapshot(term, zxid);
  // That its leader proposed anything shows that what it began with was agreed.
  const wasAgreed = isEpochStart(zxid) && after !== null && zxidEpoch(after) === zxidEpoch(zxid);
  if (wasAgreed) return { kind: 'diff', from: before };
  const isInBoth = zxidEpoch(before) === zxidEpoch(zxid);
  if (isInBoth && term.standing.settings.truncatesLearners) return { kind: 'trunc', to: before };
  return wayBySnapshot(term, zxid);
}

/**
 * A snapshot above the learner's zxid, or one of the whole history: that may be called one of the
 * term's beginning, which is above everything there was.
 */
export function wayBySnapshot({ epoch, historyEnd }: Term, zxid: Zxid): WayToSync {
  const next = (zxid + 1n) as Zxid;
  const isOfTerm = zxidEpoch(zxid) === epoch;
  return { kind: 'snap', atLeast: isOfTerm || next < historyEnd ? next : historyEnd };
}

/** The log may begin behind what the learner has, where a snapshot holds that. */
function isBehind(term: Term, zxid: Zxid, after: Zxid | null): boolean {
  const counter = term.counterOf(zxid);
  return counter !== null && after !== null && term.counterOf(after) === counter + 1;
}

function isEpochStart(zxid: Zxid): boolean {
  return zxidCounter(zxid) === 0;
}
