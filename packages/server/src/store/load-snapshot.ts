/**
 * Finds the newest snapshot that can be trusted and loads it. One that cannot is passed over: the
 * logs may reach back to an older one, and whether they do is judged after they were read.
 */
import type { Recovery } from '@zabra/replica';
import { type Files, withFile } from './files.ts';
import type { Shelf } from './shelf.ts';
import type { Pace } from './slices.ts';
import { contentOf, looksComplete, type StoredSnapshot } from './snapshot-file.ts';
import { describeSystemError } from './system-error.ts';

/** How many complete ones are tried before giving up. */
const TRIES_MAX = 100;

export interface PassedOver {
  readonly snapshot: StoredSnapshot;
  readonly reason: string;
  /** False for one that was cut short: nobody ever saw it whole. */
  readonly looksComplete: boolean;
}

export interface LoadedSnapshot {
  /** Null when there is none to be trusted. */
  readonly snapshot: StoredSnapshot | null;
  /** Newest first. */
  readonly passedOver: readonly PassedOver[];
}

export async function loadSnapshot(
  files: Files,
  shelf: Shelf<StoredSnapshot>,
  recovery: Recovery,
  pace: Pace,
): Promise<LoadedSnapshot> {
  const passedOver: PassedOver[] = [];
  let tries = 0;
  for (const snapshot of shelf.files.toReversed()) {
    const outcome = await judge(files, snapshot, recovery, pace);
    if (outcome === null) return { snapshot, passedOver };
    passedOver.push(outcome);
    if (outcome.looksComplete) tries += 1;
    if (tries === TRIES_MAX) break;
  }
  return { snapshot: null, passedOver };
}

/** Why it was passed over; null when it is loaded. */
async function judge(
  files: Files,
  snapshot: StoredSnapshot,
  recovery: Recovery,
  pace: Pace,
): Promise<PassedOver | null> {
  try {
    if (!(await looksComplete(files, snapshot))) {
      return { snapshot, reason: 'its end is missing', looksComplete: false };
    }
    const reason = await load(files, snapshot, recovery, pace);
    return reason === null ? null : { snapshot, reason, looksComplete: true };
  } catch (error) {
    // The reading itself failed, or the packing is damaged, or the bytes lead to an impossible tree.
    return { snapshot, reason: describeSystemError(error), looksComplete: true };
  }
}

function load(
  files: Files,
  snapshot: StoredSnapshot,
  recovery: Recovery,
  pace: Pace,
): Promise<string | null> {
  return withFile(files, snapshot.path, async (file) => {
    recovery.startSnapshot(snapshot.zxid);
    for await (const piece of pace(contentOf(snapshot, file))) {
      const problem = recovery.snapshotRead(piece);
      if (problem !== null) return problem;
    }
    return recovery.snapshotEnd();
  });
}
