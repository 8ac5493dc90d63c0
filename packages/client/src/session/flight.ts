/** One request on its way: waiting to be sent, or sent and owed an answer. */
import type { SessionRequest } from './contract.ts';

/** Whose it is: what its answer, or its loss, means. */
export const Role = { User: 0, Rearm: 1, Unwatch: 2, Forget: 3, Sasl: 4, Close: 5 } as const;
export type Role = (typeof Role)[keyof typeof Role];

export class Flight {
  readonly role: Role;
  readonly token: number;
  readonly opcode: number;
  readonly body: Uint8Array;
  readonly watch: SessionRequest['watch'];
  readonly askedMs: number;
  xid = 0;
  /** Its caller has been told already; what comes of it concerns nobody. */
  isAbandoned = false;

  constructor(
    role: Role,
    token: number,
    opcode: number,
    body: Uint8Array,
    watch: SessionRequest['watch'],
    askedMs: number,
  ) {
    this.role = role;
    this.token = token;
    this.opcode = opcode;
    this.body = body;
    this.watch = watch;
    this.askedMs = askedMs;
  }

  /** The frame's payload: xid, opcode and body. */
  get byteCount(): number {
    return 8 + this.body.length;
  }
}
