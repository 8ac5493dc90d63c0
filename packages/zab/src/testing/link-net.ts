/**
 * Connections between simulated servers, as TCP has them: bytes in order within one connection, cut
 * into any pieces, lost only with the connection, and held for as long as a way is blocked. A reset
 * takes what was under way with it, and each side learns of it in its own time; a side that has lost
 * its counterpart while the way was blocked learns of it when it sends.
 *
 * Nothing here knows what the bytes mean.
 */
import type { Chance } from './chance.ts';
import type { Schedule } from './schedule.ts';

/** One server's side of the network. `life` tells its processes apart. */
export interface Host {
  readonly id: number;
  readonly life: number;
  linkOpened(link: number, dialled: number | null): void;
  dialFailed(to: number): void;
  received(link: number, chunk: Uint8Array): void;
  flushed(link: number): void;
  closed(link: number): void;
}

/** One end of a connection; what it sends is on its way to `other`. */
class End {
  readonly host: Host;
  readonly link: number;
  other!: End;
  isOpen = true;
  isEnding = false;
  /** What is sent to it waits otherwise. */
  isRead = true;
  readonly underWay: Uint8Array[] = [];
  isPumping = false;
  owesFlush = false;

  constructor(host: Host, link: number) {
    this.host = host;
    this.link = link;
  }
}

const CONNECT_TIMEOUT_MS = 5000;
const RETRY_MS = 50;
/** What a socket takes before it makes its writer wait. */
const BUFFERED_CHUNKS = 4;

export class LinkNet {
  readonly #chance: Chance;
  readonly #schedule: Schedule;
  readonly #latencyMsMax: number;
  readonly #hosts = new Map<number, Host>();
  readonly #blocked = new Set<string>();
  readonly #ends = new Map<number, End>();
  #nextLink = 1;

  constructor(chance: Chance, schedule: Schedule, latencyMsMax: number) {
    this.#chance = chance;
    this.#schedule = schedule;
    this.#latencyMsMax = latencyMsMax;
  }

  /** Takes the place of whatever process ran there before, whose connections are gone. */
  attach(host: Host): void {
    this.#hosts.set(host.id, host);
  }

  /** The process ends; its kernel says so to whoever it reaches. */
  detach(host: Host): void {
    this.#hosts.delete(host.id);
    for (const end of [...this.#ends.values()]) if (end.host === host) this.#cut(end);
  }

  block(from: number, to: number): void {
    this.#blocked.add(`${from}>${to}`);
  }

  healAll(): void {
    this.#blocked.clear();
  }

  isBlocked(from: number, to: number): boolean {
    return this.#blocked.has(`${from}>${to}`);
  }

  /** Both directions. */
  canTalk(one: number, other: number): boolean {
    return !this.isBlocked(one, other) && !this.isBlocked(other, one);
  }

  /** Who is at the other end of a link; null once it is gone. */
  peerOf(link: number): number | null {
    return this.#ends.get(link)?.other.host.id ?? null;
  }

  dial(host: Host, to: number): void {
    this.#schedule.after(this.#latency(), () => {
      const target = this.#hosts.get(to);
      if (this.#hosts.get(host.id) !== host) return;
      if (this.canTalk(host.id, to) && target !== undefined) this.#connect(host, target);
      else if (this.canTalk(host.id, to)) host.dialFailed(to);
      else this.#schedule.after(CONNECT_TIMEOUT_MS, () => this.#fail(host, to));
    });
  }

  send(link: number, bytes: Uint8Array): void {
    const end = this.#ends.get(link);
    if (end === undefined) return;
    for (let start = 0; start < bytes.length; ) {
      const length = this.#chance.happens(0.7) ? bytes.length : 1 + this.#chance.below(40);
      end.underWay.push(bytes.slice(start, start + length));
      start += length;
    }
    end.owesFlush = true;
    this.#flush(end);
    this.#pump(end);
  }

  /** Whether what the other end sends is read. */
  setReading(link: number, isRead: boolean): void {
    const end = this.#ends.get(link);
    if (end === undefined) return;
    end.isRead = isRead;
    if (isRead && (end.other.underWay.length > 0 || end.other.isEnding)) this.#pump(end.other);
  }

  /** Lets go of a link; what was sent on it still arrives. */
  close(link: number): void {
    const end = this.#ends.get(link);
    if (end === undefined) return;
    end.isOpen = false;
    end.isEnding = true;
    this.#ends.delete(link);
    this.#pump(end);
  }

  /** A connection breaks, whichever chance picks. */
  resetOne(): void {
    const ends = [...this.#ends.values()];
    if (ends.length > 0) this.#reset(this.#chance.pick(ends));
  }

  #connect(host: Host, target: Host): void {
    const [one, other] = this.#makeEnds(host, target);
    target.linkOpened(other.link, null);
    if (this.#ends.has(one.link)) host.linkOpened(one.link, target.id);
  }

  #fail(host: Host, to: number): void {
    if (this.#hosts.get(host.id) === host) host.dialFailed(to);
  }

  #makeEnds(host: Host, target: Host): [End, End] {
    const one = this.#makeEnd(host);
    const other = this.#makeEnd(target);
    one.other = other;
    other.other = one;
    return [one, other];
  }

  #makeEnd(host: Host): End {
    const end = new End(host, this.#nextLink);
    this.#nextLink += 1;
    this.#ends.set(end.link, end);
    return end;
  }

  /** Delivers piece by piece, in order. */
  #pump(end: End): void {
    if (end.isPumping) return;
    end.isPumping = true;
    this.#schedule.after(this.#latency(), () => this.#deliver(end));
  }

  #deliver(end: End): void {
    const { other } = end;
    if (this.isBlocked(end.host.id, other.host.id)) {
      this.#schedule.after(RETRY_MS, () => this.#deliver(end));
      return;
    }
    if (!other.isOpen) {
      end.isPumping = false;
      this.#reject(end);
      return;
    }
    if (!other.isRead) {
      end.isPumping = false;
      return;
    }
    const chunk = end.underWay.shift();
    if (chunk !== undefined) other.host.received(other.link, chunk);
    this.#flush(end);
    if (end.underWay.length > 0) {
      this.#schedule.after(this.#chance.below(3), () => this.#deliver(end));
      return;
    }
    end.isPumping = false;
    if (end.isEnding && other.isOpen) this.#forget(other);
  }

  #flush(end: End): void {
    if (!end.owesFlush || !end.isOpen || end.underWay.length >= BUFFERED_CHUNKS) return;
    end.owesFlush = false;
    end.host.flushed(end.link);
  }

  #reset(end: End): void {
    const { other } = end;
    for (const side of [end, other]) {
      side.underWay.length = 0;
      if (side.isOpen) this.#schedule.after(this.#latency(), () => this.#forget(side));
    }
  }

  /** This side is gone at once; the other learns of it if a word gets through. */
  #cut(end: End): void {
    const { other } = end;
    end.isOpen = false;
    this.#ends.delete(end.link);
    if (this.#chance.happens(0.5)) end.underWay.length = 0;
    if (!other.isOpen || this.isBlocked(end.host.id, other.host.id)) return;
    end.isEnding = true;
    this.#pump(end);
  }

  /** The other side's machine knows nothing of this connection, and says so. */
  #reject(end: End): void {
    const isHeard = !this.isBlocked(end.other.host.id, end.host.id);
    this.#schedule.after(isHeard ? this.#latency() : RETRY_MS, () => {
      if (isHeard) this.#forget(end);
      else this.#reject(end);
    });
  }

  #forget(end: End): void {
    if (!end.isOpen) return;
    end.isOpen = false;
    this.#ends.delete(end.link);
    end.host.closed(end.link);
  }

  #latency(): number {
    return 1 + this.#chance.below(this.#latencyMsMax);
  }
}
