/**
 * Whether a live answer agrees with a golden one. Every byte must be the same except the listed
 * varying fields, and those must vary consistently: transaction ids shift by one constant, equal
 * golden times stay equal, and a session id always stands for the same live session.
 */
import { expect } from 'vitest';
import type { Answer, VaryingField } from './golden.ts';

const SAME_CLOCK_MS = 24 * 3600 * 1000;
const ZXID_FIELD = /zxid$/i;
const TIME_FIELD = /[cm]time$/;
const SESSION_FIELD = /(sessionId|ephemeralOwner)$/;

export class Agreement {
  /** Live minus golden transaction id, from a golden id on; the newest that applies counts. */
  readonly #shifts: Array<{ readonly from: bigint; readonly by: bigint }> = [];
  readonly #times = new Map<bigint, bigint>();
  readonly #sessions = new Map<bigint, bigint>();

  /** Says that the golden transaction is this live one, and that later ones keep that distance. */
  anchor(goldenZxid: bigint, liveZxid: bigint): void {
    this.#shifts.push({ from: 0n, by: liveZxid - goldenZxid });
  }

  /** From this golden transaction on, the live server's ids are ahead by so much more. */
  shift(from: bigint, extra: bigint): void {
    this.#shifts.push({ from, by: this.liveZxid(from) - from + extra });
  }

  liveZxid(goldenZxid: bigint): bigint {
    const shift = this.#shifts.findLast((candidate) => candidate.from <= goldenZxid);
    return goldenZxid + (shift?.by ?? 0n);
  }

  /** Throws, through vitest, unless the live frame agrees with the golden one. */
  check(golden: Answer, live: Buffer): void {
    expect(masked(live, golden.varies)).toBe(masked(golden.bytes, golden.varies));
    for (const field of golden.varies) this.#checkField(field, golden.bytes, live);
  }

  #checkField(field: VaryingField, golden: Buffer, live: Buffer): void {
    if (field.length !== 8) return;
    const recorded = golden.readBigInt64BE(field.offset);
    const received = live.readBigInt64BE(field.offset);
    if (ZXID_FIELD.test(field.field)) {
      expect(received, field.field).toBe(this.liveZxid(recorded));
    } else if (TIME_FIELD.test(field.field)) {
      expect(received, field.field).toBe(pair(this.#times, recorded, received));
      expect(Math.abs(Number(received) - Date.now()), field.field).toBeLessThan(SAME_CLOCK_MS);
    } else if (SESSION_FIELD.test(field.field)) {
      expect(received, field.field).toBe(pair(this.#sessions, recorded, received));
      expect(received, field.field).not.toBe(0n);
    }
  }
}

/** What the golden value stands for; the first live value seen decides. */
function pair(known: Map<bigint, bigint>, golden: bigint, live: bigint): bigint {
  const standsFor = known.get(golden) ?? live;
  known.set(golden, standsFor);
  return standsFor;
}

/** Hexadecimal text with the varying bytes blanked, so that a difference reads as one. */
function masked(bytes: Buffer, fields: readonly VaryingField[]): string {
  const digits = [...bytes.toString('hex')];
  for (const field of fields) {
    const end = Math.min(digits.length, (field.offset + field.length) * 2);
    for (let i = field.offset * 2; i < end; i += 1) digits[i] = '.';
  }
  return digits.join('');
}
