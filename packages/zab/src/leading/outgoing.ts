/**
 * What is on its way to one learner: packets of its own, and from a place on a tape on what everybody
 * of its kind is sent. It keeps the order in which the two were said. Own packets are kept as bytes;
 * of a tape only the place, so a learner that lags costs nothing but what the tape keeps anyway.
 */
import { JuteWriter } from '@zabra/wire';
import type { QuorumOutput } from '../contract.ts';
import type { Tape } from './tape.ts';

const BUFFER_BYTES_MIN = 4096;
/** A buffer that has grown beyond this is not used again. */
const BUFFER_BYTES_KEPT = 1024 * 1024;

/** Own packets up to `ownEnd` follow what stands on the tape before `place`. */
interface Mark {
  place: number;
  ownEnd: number;
}

export class Outgoing {
  readonly #link: number;
  #tape: Tape | null = null;
  /** How far the tape has been taken. */
  #place = 0;
  #own: JuteWriter = new JuteWriter(BUFFER_BYTES_MIN);
  #spare: JuteWriter | null = null;
  #marks: Mark[] = [];
  #onItsWay: { readonly output: QuorumOutput; readonly own: JuteWriter } | null = null;

  constructor(link: number) {
    this.#link = link;
  }

  get isAttached(): boolean {
    return this.#tape !== null;
  }

  /** Whether what it has still to be sent is no longer there. */
  get isLost(): boolean {
    return this.#tape !== null && this.#place < this.#tape.start;
  }

  /** Packets of its own that have not left. */
  get ownBytes(): number {
    return this.#own.position + (this.#onItsWay?.own.position ?? 0);
  }

  /** Everything that has not left. */
  get unsentBytes(): number {
    const onTape = this.#tape === null ? 0 : this.#tape.end - this.#place;
    return this.#own.position + onTape + (this.#onItsWay?.output.byteCount ?? 0);
  }

  /** From now on it is sent what is said on this tape. */
  attach(tape: Tape): void {
    this.#tape = tape;
    this.#place = tape.end;
  }

  /** Where the next packet of its own is to be written; `close` it then. */
  open(): JuteWriter {
    return this.#own;
  }

  close(): void {
    const place = this.#tape?.end ?? 0;
    const last = this.#marks.at(-1);
    if (last !== undefined && last.place === place) last.ownEnd = this.#own.position;
    else this.#marks.push({ place, ownEnd: this.#own.position });
  }

  /** One output at a time: what is said while it is on its way gathers for the next. */
  take(into: QuorumOutput[]): void {
    if (this.#onItsWay === null) this.takeAll(into);
  }

  /** Also behind what is on its way; for a link that is about to be closed. */
  takeAll(into: QuorumOutput[]): void {
    const hasMore = this.#tape !== null && this.#place < this.#tape.end;
    if ((this.#marks.length === 0 && !hasMore) || this.isLost) return;
    const pieces: Uint8Array[] = [];
    const byteCount = this.#takePieces(pieces);
    if (byteCount === 0) return;
    const output: QuorumOutput = { link: this.#link, pieces, byteCount };
    this.#onItsWay = { output, own: this.#own };
    this.#own = this.#spare ?? new JuteWriter(BUFFER_BYTES_MIN);
    this.#spare = null;
    this.#marks = [];
    into.push(output);
  }

  recycle(output: QuorumOutput): void {
    const sent = this.#onItsWay;
    if (sent === null || sent.output !== output) return;
    this.#onItsWay = null;
    if (sent.own.bytes.length > BUFFER_BYTES_KEPT) return;
    sent.own.position = 0;
    this.#spare = sent.own;
  }

  #takePieces(pieces: Uint8Array[]): number {
    let byteCount = 0;
    let ownStart = 0;
    for (const { place, ownEnd } of this.#marks) {
      byteCount += this.#takeTape(place, pieces) + ownEnd - ownStart;
      pieces.push(this.#own.bytes.subarray(ownStart, ownEnd));
      ownStart = ownEnd;
    }
    return byteCount + this.#takeTape(this.#tape?.end ?? 0, pieces);
  }

  #takeTape(to: number, pieces: Uint8Array[]): number {
    if (this.#tape === null || to <= this.#place) return 0;
    const byteCount = this.#tape.read(this.#place, to, pieces);
    this.#place = to;
    return byteCount;
  }
}
