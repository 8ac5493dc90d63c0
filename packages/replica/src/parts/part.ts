/**
 * What a server is to its clients: alone, the leader of an ensemble, one of its learners, or nothing
 * for the moment. Each is an object of its own, made when the part begins and dropped when it ends;
 * whoever handles requests asks the one there is.
 */
import type { Identities, Prepare, Session } from '@zabra/tree';
import type { Connection } from '../connection.ts';

/** As the words name it; `none` while no clients are served. */
type Mode = 'standalone' | 'leader' | 'follower' | 'observer' | 'read-only' | 'none';

/**
 * What becomes of a session that has come back: it is here, it is gone, its end is on its way,
 * somebody was asked, this leader does not know it and has yet to prove that it leads, or it has to try
 * another server, since this one cannot find out.
 */
export type Claim = 'here' | 'gone' | 'ending' | 'asked' | 'doubted' | 'elsewhere';

export interface Part {
  readonly mode: Mode;
  /** Whether clients are served at all. */
  readonly isServing: boolean;
  /** Whether nothing is served but reads, and only to those who have said that reading will do. */
  readonly onlyReads: boolean;
  /** Whether new sessions are this server's alone. */
  readonly givesLocalSessions: boolean;
  /** Whether sessions run out and nodes are reaped here. */
  readonly governs: boolean;
  /** Whether a sync has to ask anybody. */
  readonly asksToSync: boolean;
  /** Whether no write can be taken for the moment. */
  readonly isClogged: boolean;
  /** A client may have seen this zxid, though no transaction has it. */
  readonly floorZxid: bigint;
  /**
   * Takes a write, whose body lies in bytes[start, end), and lets its author wait for it. False where
   * the body cannot be decoded: then there is nothing to wait for.
   */
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
  ): boolean;
  /** Takes a sync, where one has to ask; its connection waits already. */
  sync(
    connection: Connection,
    xid: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
  ): void;
  /** Lets the first sync that a connection waits for be answered, though nobody has answered it. */
  releaseSync(connection: Connection): void;
  /** This connection has come with the password of a session. */
  claim(connection: Connection, sessionHigh: number, sessionLow: number, leaseMs: number): Claim;
  /** The session has ended. */
  onSessionClosed(sessionHigh: number, sessionLow: number): void;
}
