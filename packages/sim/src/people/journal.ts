/**
 * What clients asked and did and were told: the only testimony that checkers trust besides what the
 * disks hold. What went over connections was taken down where the bytes passed, and what a session
 * told its user beside it, so that each can be held against the other. An operation that was never
 * answered may have happened or not.
 */
import type { Report, Unwatch } from '@zabra/client/session';
import type {
  AddWatchRequest,
  AuthRequest,
  GetEphemeralsRequest,
  MultiOp,
  Opcode,
  ReconfigRequest,
  RemoveWatchesRequest,
  SetWatches2Request,
  SetWatchesRequest,
} from '@zabra/wire';

interface PathRead {
  readonly path: string;
  readonly watch: boolean;
}

export type Ask =
  | MultiOp
  | { readonly type: typeof Opcode.Multi; readonly body: { readonly ops: readonly MultiOp[] } }
  | {
      readonly type: typeof Opcode.GetData | typeof Opcode.Exists | typeof Opcode.GetChildren2;
      readonly body: PathRead;
    }
  | { readonly type: typeof Opcode.GetEphemerals; readonly body: GetEphemeralsRequest }
  | {
      readonly type: typeof Opcode.GetAllChildrenNumber;
      readonly body: { readonly path: string };
    }
  | { readonly type: typeof Opcode.Sync; readonly body: { readonly path: string } }
  | { readonly type: typeof Opcode.SetWatches; readonly body: SetWatchesRequest }
  | { readonly type: typeof Opcode.SetWatches2; readonly body: SetWatches2Request }
  | { readonly type: typeof Opcode.RemoveWatches; readonly body: RemoveWatchesRequest }
  | { readonly type: typeof Opcode.AddWatch; readonly body: AddWatchRequest }
  | { readonly type: typeof Opcode.Reconfig; readonly body: ReconfigRequest }
  | { readonly type: typeof Opcode.Auth; readonly body: AuthRequest }
  | { readonly type: typeof Opcode.CloseSession; readonly body: null };

/** What a user asked of its session. */
export interface Wish {
  /** By which its completion is told; 0 for none. */
  readonly token: number;
  readonly ask: Ask;
  /** Who is to hear of the watch that it sets, if it sets one. */
  readonly watcher: number;
  readonly atMs: number;
}

/** One request as it left. */
export interface Operation {
  readonly client: number;
  readonly session: bigint;
  /** Of the client's connections, in their order. */
  readonly connection: number;
  readonly xid: number;
  readonly ask: Ask;
  /** The wish it came of; null for what the session asks of itself. */
  readonly wish: Wish | null;
  /** When its bytes left: no server can have known of it before. */
  readonly invokedMs: number;
  /** Null while nobody has answered. */
  answer: Answer | null;
}

export interface Answer {
  readonly atMs: number;
  readonly zxid: bigint;
  readonly error: number;
  /** Whatever follows the reply header. */
  readonly body: Uint8Array;
}

/** What a session said first on a connection. */
export interface Hello {
  readonly connection: number;
  readonly atMs: number;
  /** The session that it asked for; 0 for a new one. */
  readonly session: bigint;
  readonly lastZxid: bigint;
  /** The machine that it said it to, where somebody knows. */
  readonly server?: number;
  /** A server that only reads will do. */
  readonly canBeReadOnly?: boolean;
}

/** What came over a session's connections, in the order in which it came. */
export type Heard =
  | {
      readonly kind: 'connected';
      readonly hello: Hello;
      readonly session: bigint;
      readonly timeoutMs: number;
      readonly atMs: number;
      /** By a server that only reads. */
      readonly isReadOnly?: boolean;
    }
  | { readonly kind: 'refused'; readonly hello: Hello; readonly atMs: number }
  | { readonly kind: 'reply'; readonly operation: Operation }
  | { readonly kind: 'event'; readonly type: number; readonly path: string; readonly zxid: bigint };

/** What a session told, and how much had come over its connections by then. */
export interface Told {
  readonly report: Report;
  readonly atMs: number;
  readonly heardCount: number;
}

/** Watchers that were taken off, and how much had come by then. */
export interface Unwatched {
  readonly token: number;
  readonly what: Unwatch;
  readonly heardCount: number;
}

/** All about one handle of a session; a session that moves between clients has several. */
export class SessionLife {
  readonly client: number;
  /** 0 until a server has greeted. */
  id: bigint;
  /** It came with a password that is not the session's. */
  readonly isImpostor: boolean;
  readonly heard: Heard[] = [];
  /** In the order in which they were sent. */
  readonly sent: Operation[] = [];
  /** In the order in which they were asked. */
  readonly wishes: Wish[] = [];
  readonly unwatched: Unwatched[] = [];
  readonly told: Told[] = [];
  /** When those pings were sent that were answered. */
  readonly pingedMs: number[] = [];
  /** When anything came last over a connection on which a server had greeted; 0 for never. */
  heardMs = 0;
  /** What the server has granted. */
  timeoutMs = 0;

  constructor(id: bigint, client: number, isImpostor = false) {
    this.id = id;
    this.client = client;
    this.isImpostor = isImpostor;
  }
}

export class Journal {
  readonly operations: Operation[] = [];
  readonly sessions: SessionLife[] = [];
  /** The greetings of those that were refused, as they came. */
  readonly refusals: Uint8Array[] = [];
  /** What a client itself could see to be wrong, in sentences. */
  readonly violations: string[] = [];

  open(id: bigint, client: number, isImpostor = false): SessionLife {
    const life = new SessionLife(id, client, isImpostor);
    this.sessions.push(life);
    return life;
  }
}
