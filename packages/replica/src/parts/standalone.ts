/** A server on its own: it decides everything, and its disk is all that has to agree. */
import type { Identities, Prepare, Session } from '@zabra/tree';
import type { Connection } from '../connection.ts';
import type { Proposals } from '../proposals.ts';
import type { ServerState } from '../state.ts';
import type { Claim, Part } from './part.ts';

export class Standalone implements Part {
  readonly mode = 'standalone';
  readonly isServing = true;
  readonly onlyReads = false;
  readonly givesLocalSessions = false;
  readonly governs = true;
  readonly asksToSync = false;
  readonly isClogged = false;
  readonly floorZxid = 0n;
  readonly #state: ServerState;
  readonly #proposals: Proposals;

  constructor(state: ServerState, proposals: Proposals) {
    this.#state = state;
    this.#proposals = proposals;
  }

  write(
    author: Connection | null,
    session: Session,
    identities: Identities,
    xid: number,
    opcode: number,
    prepare: Prepare,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
  ): boolean {
    return this.#proposals.propose(
      author,
      session,
      identities,
      xid,
      opcode,
      prepare,
      bytes,
      view,
      start,
      end,
    );
  }

  sync(): void {}

  releaseSync(): void {}

  claim(_connection: Connection, sessionHigh: number, sessionLow: number): Claim {
    const session = this.#state.sessions.get(sessionHigh, sessionLow);
    if (session === undefined) return 'gone';
    return session.closing ? 'ending' : 'here';
  }

  onSessionClosed(): void {}
}
