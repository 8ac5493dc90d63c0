/** How the words print what they print. */
import type { Connection } from '../connection.ts';

/** Up to four decimals and at least one: `0.0`, `1.3645`. */
export function decimal(value: number): string {
  const rounded = Math.round(value * 10_000) / 10_000;
  return Number.isInteger(rounded) ? `${rounded}.0` : String(rounded);
}

/** Unsigned hexadecimal of two halves, without padding. */
export function hex(high: number, low: number): string {
  return `0x${((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)).toString(16)}`;
}

/** ` /127.0.0.1:41704[1](queued=0,recved=8,sent=8`, left open for what `cons` adds. */
export function connectionHead(connection: Connection): string {
  const { peer, queue, received, sent } = connection;
  const interest = connection.state === 'greeting' ? 0 : 1;
  return ` /${peer}[${interest}](queued=${queue.count},recved=${received},sent=${sent}`;
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** `Fri Nov 20 17:21:25 UTC 2026`, always in UTC. */
export function date(wallMs: number): string {
  const at = new Date(wallMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`;
  const day = `${DAYS[at.getUTCDay()]} ${MONTHS[at.getUTCMonth()]} ${two(at.getUTCDate())}`;
  return `${day} ${time} UTC ${at.getUTCFullYear()}`;
}
