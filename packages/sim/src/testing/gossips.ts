/**
 * Servers that know nothing but each other: each calls the next, counts on the line, writes down what
 * it hears, and stops the world if it hears anything out of order. They prove the machines, not a
 * protocol.
 */
import { assert, asZxid } from '@zabra/wire';
import type { DiskAnswer } from '../disk.ts';
import { type Actor, type Outlet, Port } from '../process/actor.ts';
import type { Species } from '../run/run.ts';

const SPEAK_EVERY_MS = 40;
const NUMBER_BYTES = 4;
const DIAL_TIMEOUT_MS = 1500;
/** A number every so often is written to the disk. */
const WRITE_EVERY = 10;

export interface Gossip {
  heard: number;
  written: number;
  dialed: number;
}

/** All of them add to one account of what was done. */
export function gossips(account: Gossip): Species {
  return {
    beget:
      ({ serverCount }) =>
      ({ host, monotonicMs }) =>
        new GossipActor((host + 1) % serverCount, monotonicMs, account),
    judgeDisk: () => [],
  };
}

class GossipActor implements Actor {
  readonly #next: number;
  readonly #account: Gossip;
  readonly #expected = new Map<number, number>();
  readonly #partial = new Map<number, number[]>();
  readonly #ended: number[] = [];
  #nowMs: number;
  #speakAtMs: number;
  #link: number | null = null;
  #dial = 0;
  #isCalling = false;
  #isListening = false;
  #isFlushed = true;
  #said = 0;
  #ticket = 0;
  #answered = 0;
  #toWrite = 0;
  #failure: string | null = null;

  constructor(next: number, nowMs: number, account: Gossip) {
    this.#next = next;
    this.#nowMs = nowMs;
    this.#speakAtMs = nowMs;
    this.#account = account;
  }

  begin(monotonicMs: number): void {
    assert(monotonicMs >= this.#nowMs, 'the monotonic clock never goes back');
    this.#nowMs = monotonicMs;
  }

  accepted(link: number, port: number): void {
    assert(port === Port.Quorum, 'nobody calls another door');
    this.#expected.set(link, 0);
    this.#partial.set(link, []);
  }

  dialed(dial: number, link: number): void {
    assert(this.#isCalling && dial === this.#dial, 'the call that was made is answered');
    this.#account.dialed += 1;
    this.#isCalling = false;
    this.#link = link;
    this.#said = 0;
    this.#isFlushed = true;
  }

  dialFailed(dial: number): void {
    assert(this.#isCalling && dial === this.#dial, 'the call that was made has failed');
    this.#isCalling = false;
    this.#speakAtMs = this.#nowMs + SPEAK_EVERY_MS;
  }

  received(link: number, bytes: Uint8Array): void {
    const partial = this.#partial.get(link);
    assert(partial !== undefined, 'bytes come on links that are known');
    partial.push(...bytes);
    while (partial.length >= NUMBER_BYTES) {
      const [a, b, c, d] = partial.splice(0, NUMBER_BYTES) as [number, number, number, number];
      const number = a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d;
      assert(number === this.#expected.get(link), 'numbers come in their order');
      this.#expected.set(link, number + 1);
      this.#account.heard += 1;
      this.#toWrite += 1;
    }
  }

  ended(link: number): void {
    this.#ended.push(link);
    this.closed(link);
  }

  closed(link: number): void {
    this.#expected.delete(link);
    this.#partial.delete(link);
    if (link === this.#link) this.#link = null;
  }

  flushed(link: number): void {
    if (link === this.#link) this.#isFlushed = true;
  }

  diskAnswered(answer: DiskAnswer): void {
    this.#answered += 1;
    const isNext = answer.kind === 'done' && answer.ticket === this.#answered;
    assert(isNext, 'orders are answered in their order');
    this.#account.written += 1;
  }

  diskFailed(what: string): void {
    this.#failure = what;
  }

  drain(): void {}

  turn(): void {}

  take(outlet: Outlet): void {
    if (!this.#isListening) outlet.listen(Port.Quorum, true);
    this.#isListening = true;
    for (const link of this.#ended.splice(0)) outlet.close(link);
    if (this.#failure !== null) outlet.stop(this.#failure);
    this.#write(outlet);
    if (this.#link !== null) this.#speak(this.#link, outlet);
    else if (!this.#isCalling && this.#nowMs >= this.#speakAtMs) this.#call(outlet);
  }

  wakeAt(): number {
    return this.#isCalling ? Number.POSITIVE_INFINITY : this.#speakAtMs;
  }

  get standing(): null {
    return null;
  }

  #call(outlet: Outlet): void {
    this.#isCalling = true;
    this.#dial += 1;
    outlet.dial(this.#dial, this.#next, Port.Quorum, DIAL_TIMEOUT_MS);
  }

  #speak(link: number, outlet: Outlet): void {
    if (this.#nowMs < this.#speakAtMs) return;
    this.#speakAtMs = this.#nowMs + SPEAK_EVERY_MS;
    if (!this.#isFlushed) return;
    const bytes = new Uint8Array(NUMBER_BYTES);
    new DataView(bytes.buffer).setUint32(0, this.#said);
    this.#said += 1;
    this.#isFlushed = false;
    outlet.send(link, bytes, NUMBER_BYTES);
  }

  #write(outlet: Outlet): void {
    if (this.#toWrite < WRITE_EVERY) return;
    this.#toWrite = 0;
    this.#ticket += 1;
    const zxid = asZxid(BigInt(this.#ticket));
    const bytes = new Uint8Array(NUMBER_BYTES);
    outlet.disk({
      kind: 'append',
      ticket: this.#ticket,
      bytes,
      firstZxid: zxid,
      lastZxid: zxid,
    });
  }
}
