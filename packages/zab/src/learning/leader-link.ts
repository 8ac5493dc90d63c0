/**
 * A learner's connection to its leader: the calls until somebody answers, the packets that come, the
 * packets that leave, and how long the leader may be silent. It knows bytes and time, not what the
 * two talk about.
 *
 * A leader may bind its port a little after its first learner calls, so a refused call is tried
 * again, at first at once and then ever more rarely, until the leader is given up.
 */
import { JuteWriter, QuorumPacketScanner, type ServerId } from '@zabra/wire';
import type { QuorumOutput } from '../contract.ts';
import type { Standing } from '../standing.ts';

/** Apache's learners call five times in as long. */
const DIALS_MAX = 9;
const REDIAL_MS_MIN = 4;
const REDIAL_MS_MAX = 100;
/** A buffer that has grown beyond this is not used again. */
const BUFFER_BYTES_KEPT = 1024 * 1024;
const BUFFER_BYTES_MIN = 4096;

const NO_LINK = -1;
const NO_DIAL = -1;
const NEVER = Number.POSITIVE_INFINITY;

export class LeaderLink {
  readonly #standing: Standing;
  readonly #leader: ServerId;
  /** Whether followers that feed observers are called first. */
  readonly #seeksMasters: boolean;
  readonly scanner: QuorumPacketScanner;
  /** Packets for the leader are written here. */
  out: JuteWriter = new JuteWriter(BUFFER_BYTES_MIN);
  #spare: JuteWriter | null = null;
  #onItsWay: { readonly output: QuorumOutput; readonly writer: JuteWriter } | null = null;
  /** Whom it has called last: the leader, or a follower that feeds observers. */
  called: ServerId;
  #link = NO_LINK;
  #dial = NO_DIAL;
  #dials = 0;
  #redialAtMs = NEVER;
  #giveUpAtMs: number;
  #heardAtMs = 0;
  /** It is not read for the moment. */
  isPaused = false;
  /** How long the leader may be silent. */
  silenceMsMax: number;

  constructor(standing: Standing, leader: ServerId, seeksMasters: boolean) {
    this.#standing = standing;
    this.#leader = leader;
    this.called = leader;
    this.#seeksMasters = seeksMasters;
    const { settings, nowMs, initLimitMs } = standing;
    this.scanner = new QuorumPacketScanner(settings.packetBytesMax);
    this.silenceMsMax = initLimitMs;
    this.#giveUpAtMs = nowMs + settings.connectLimitTicks * settings.tickMs;
  }

  get isOpen(): boolean {
    return this.#link !== NO_LINK;
  }

  /** Bytes that have not left. */
  get unsentBytes(): number {
    return this.out.position + (this.#onItsWay?.output.byteCount ?? 0);
  }

  dial(): void {
    const { configurations, nowMs, orders, settings } = this.#standing;
    this.#redialAtMs = NEVER;
    this.#dials += 1;
    this.#dial = this.#standing.nextDial();
    const patienceMs = this.#giveUpAtMs - nowMs;
    const master = this.#seeksMasters ? this.#standing.masters.next(this.#leader) : null;
    this.called = master?.id ?? this.#leader;
    orders.push({
      kind: 'dial',
      dial: this.#dial,
      id: this.called,
      addresses: master?.addresses ?? configurations.addressesOf(this.#leader),
      // There are others to call.
      timeoutMs: master === null ? patienceMs : Math.min(patienceMs, settings.tickMs),
    });
  }

  /** Whoever answered has brought this server in step. */
  served(): void {
    this.#standing.masters.served();
  }

  /** False for the answer to a call that nobody waits for. */
  onDialed(dial: number, link: number): boolean {
    if (dial !== this.#dial) return false;
    this.#dial = NO_DIAL;
    this.#link = link;
    this.#giveUpAtMs = NEVER;
    this.#heardAtMs = this.#standing.nowMs;
    return true;
  }

  onDialFailed(dial: number): void {
    if (dial !== this.#dial) return;
    this.#dial = NO_DIAL;
    const { nowMs } = this.#standing;
    const waitMs = Math.min(REDIAL_MS_MIN * 2 ** (this.#dials - 1), REDIAL_MS_MAX);
    if (this.#dials < DIALS_MAX) this.#redialAtMs = nowMs + waitMs;
    else this.#giveUpAtMs = nowMs;
  }

  isOn(link: number): boolean {
    return link === this.#link;
  }

  heard(): void {
    this.#heardAtMs = this.#standing.nowMs;
  }

  /** Who is not read is not silent. */
  setReading(isReading: boolean): void {
    if (this.isPaused !== isReading || !this.isOpen) return;
    this.isPaused = !isReading;
    this.#heardAtMs = this.#standing.nowMs;
    this.#standing.orders.push({ kind: isReading ? 'resume' : 'pause', link: this.#link });
  }

  /** Why the leader is lost, null as long as it is not. */
  turn(): string | null {
    const { nowMs } = this.#standing;
    if (nowMs >= this.#giveUpAtMs) return 'its leader could not be reached';
    if (nowMs >= this.#redialAtMs) this.dial();
    return nowMs >= this.#silentAtMs ? 'its leader is silent' : null;
  }

  wakeAt(): number {
    return Math.min(this.#giveUpAtMs, this.#redialAtMs, this.#silentAtMs);
  }

  get #silentAtMs(): number {
    return this.isOpen && !this.isPaused ? this.#heardAtMs + this.silenceMsMax : NEVER;
  }

  takeOutputs(into: QuorumOutput[]): void {
    if (!this.isOpen || this.#onItsWay !== null || this.out.position === 0) return;
    const { bytes, position } = this.out;
    const pieces = [bytes.subarray(0, position)];
    const output: QuorumOutput = { link: this.#link, pieces, byteCount: position };
    this.#onItsWay = { output, writer: this.out };
    this.out = this.#spare ?? new JuteWriter(BUFFER_BYTES_MIN);
    this.#spare = null;
    into.push(output);
  }

  recycle(output: QuorumOutput): void {
    const sent = this.#onItsWay;
    if (sent === null || sent.output !== output) return;
    this.#onItsWay = null;
    if (sent.writer.bytes.length > BUFFER_BYTES_KEPT) return;
    sent.writer.position = 0;
    this.#spare = sent.writer;
  }

  /** The body says that the link is gone. */
  onClosed(): void {
    this.#link = NO_LINK;
  }

  /** Says what is left to say and hangs up. */
  close(): void {
    const { orders, parting } = this.#standing;
    if (this.#dial !== NO_DIAL) orders.push({ kind: 'hangUp', dial: this.#dial });
    if (this.isOpen) {
      this.takeOutputs(parting);
      orders.push({ kind: 'close', link: this.#link });
    }
    this.#dial = NO_DIAL;
    this.#link = NO_LINK;
  }
}
