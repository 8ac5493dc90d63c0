/**
 * What clients did and what they were told, as they saw it: the only testimony that checkers trust
 * besides what the disks hold. An operation that was never answered may have happened or not.
 */
import type { MultiOp, Opcode, SetWatchesRequest } from '@zabra/wire';

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
  | { readonly type: typeof Opcode.Sync; readonly body: { readonly path: string } }
  | { readonly type: typeof Opcode.SetWatches; readonly body: SetWatchesRequest }
  | { readonly type: typeof Opcode.CloseSession; readonly body: null };

export interface Operation {
  readonly client: number;
  readonly session: bigint;
  /** Of the client's connections, in their order. */
  readonly connection: number;
  readonly xid: number;
  readonly ask: Ask;
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

/** What came over a session's connections, in the order in which it came. */
export type Heard =
  | { readonly kind: 'connected'; readonly connection: number }
  | { readonly kind: 'reply'; readonly operation: Operation }
  | { readonly kind: 'event'; readonly type: number; readonly path: string; readonly zxid: bigint };

export class SessionLife {
  readonly id: bigint;
  readonly client: number;
  readonly heard: Heard[] = [];
  /** In the order in which they were sent. */
  readonly sent: Operation[] = [];
  /** When those pings were sent that were answered. */
  readonly pingedMs: number[] = [];
  /** What the server has granted. */
  timeoutMs = 0;

  constructor(id: bigint, client: number) {
    this.id = id;
    this.client = client;
  }
}

export class Journal {
  readonly operations: Operation[] = [];
  readonly sessions: SessionLife[] = [];
  /** What a client itself could see to be wrong, in sentences. */
  readonly violations: string[] = [];

  open(id: bigint, client: number): SessionLife {
    const life = new SessionLife(id, client);
    this.sessions.push(life);
    return life;
  }
}
