/**
 * A member without a leader, or not in step with it yet: no client is served. Whoever asks for a
 * session is turned away, so nothing further is ever asked of it.
 */
import { assert } from '@zabra/wire';
import type { Claim, Part } from './part.ts';

export class Absent implements Part {
  readonly mode = 'none';
  readonly isServing = false;
  readonly onlyReads = false;
  readonly givesLocalSessions = false;
  readonly governs = false;
  readonly asksToSync = false;
  readonly isClogged = true;
  readonly floorZxid = 0n;

  write(): boolean {
    assert(false, 'nobody writes where nobody is served');
  }

  sync(): void {}

  releaseSync(): void {}

  claim(): Claim {
    return 'gone';
  }

  onSessionClosed(): void {}
}
