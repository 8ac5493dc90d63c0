/**
 * Who the user claims to be. Identities belong to a connection, so all of them are proved again on
 * each new one, before anything else is asked. Servers answer proofs in their order.
 */
import {
  ErrorCode,
  encodeAuthRequest,
  encodeFrame,
  encodeRequestHeader,
  type JuteWriter,
  Opcode,
  Xid,
} from '@zabra/wire';
import { Fifo } from './fifo.ts';

/** As many as a server of ours takes on for a connection. */
const IDENTITIES_MAX = 256;

export interface Identity {
  /** Of the call that added it. */
  readonly token: number;
  readonly scheme: string;
  readonly proof: Uint8Array;
}

export class Identities {
  readonly #all: Identity[] = [];
  readonly #untold = new Set<Identity>();
  #unanswered = new Fifo<Identity>();

  get isFull(): boolean {
    return this.#all.length >= IDENTITIES_MAX;
  }

  add(identity: Identity): void {
    this.#all.push(identity);
    this.#untold.add(identity);
  }

  write(writer: JuteWriter, identity: Identity): void {
    const { scheme, proof } = identity;
    encodeFrame(writer, (body) => {
      encodeRequestHeader(body, { xid: Xid.Auth, type: Opcode.Auth });
      encodeAuthRequest(body, { type: 0, scheme, auth: proof });
    });
    this.#unanswered.push(identity);
  }

  /** Proves all of them on a new connection; how many there are. */
  writeAll(writer: JuteWriter): number {
    for (const identity of this.#all) this.write(writer, identity);
    return this.#all.length;
  }

  /**
   * Whose proof an answer was for, and whether its caller hears of it now; null when no answer is
   * owed.
   */
  answer(code: number): { readonly identity: Identity; readonly isNews: boolean } | null {
    const identity = this.#unanswered.shift();
    if (identity === undefined) return null;
    const isNews = code === ErrorCode.Ok && this.#untold.delete(identity);
    return { identity, isNews };
  }

  /** What was not answered on a link is asked anew on the next. */
  onLinkGone(): void {
    this.#unanswered = new Fifo();
  }

  /** Those whose callers never heard of them, now that there will be no answer. */
  takeUntold(): readonly Identity[] {
    const untold = [...this.#untold];
    this.#untold.clear();
    return untold;
  }
}
