/**
 * Addresses in `ip` ACLs: an IPv4 or IPv6 address with an optional number of leading bits. An IPv4
 * range never matches an IPv6 peer, nor the other way round.
 */
export interface IpRange {
  readonly address: Uint8Array;
  readonly bits: number;
}

/** `10.0.0.0/8`, `::1`; null for anything else. */
export function parseIpRange(text: string): IpRange | null {
  const parts = text.split('/');
  if (parts.length > 2) return null;
  const address = parseAddress(parts[0] ?? '');
  if (address === null) return null;
  const bitsMax = address.length * 8;
  const suffix = parts[1];
  if (suffix === undefined) return { address, bits: bitsMax };
  if (!/^\d{1,4}$/.test(suffix) || Number(suffix) > bitsMax) return null;
  return { address, bits: Number(suffix) };
}

export function rangeHolds(range: IpRange, address: Uint8Array): boolean {
  if (range.address.length !== address.length) return false;
  for (let i = 0, left = range.bits; left > 0; i += 1, left -= 8) {
    const mask = left >= 8 ? 0xff : (0xff << (8 - left)) & 0xff;
    if (((range.address[i]! ^ address[i]!) & mask) !== 0) return false;
  }
  return true;
}

/** Four or sixteen bytes, or null; an IPv4 address mapped into IPv6 is an IPv4 address. */
export function parseAddress(text: string): Uint8Array | null {
  if (!text.includes(':')) return parseIpv4(text);
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(text);
  return mapped === null ? parseIpv6(text) : parseIpv4(mapped[1]!);
}

function parseIpv4(text: string): Uint8Array | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d+$/.test(part) && Number(part) < 256)) {
    return null;
  }
  return Uint8Array.from(parts, Number);
}

function parseIpv6(text: string): Uint8Array | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = groups(halves[0]!);
  const tail = halves.length === 2 ? groups(halves[1]!) : [];
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const all = [...head, ...new Array<number>(missing).fill(0), ...tail];
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

function groups(text: string): number[] | null {
  if (text === '') return [];
  const parts = text.split(':');
  if (!parts.every((part) => /^[0-9a-f]{1,4}$/i.test(part))) return null;
  return parts.map((part) => Number.parseInt(part, 16));
}
