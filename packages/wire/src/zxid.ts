/**
 * Transaction ids: 64 bits, the leader's epoch above a counter of 32 bits. They are kept signed, as
 * every implementation compares them, and shown unsigned, as files and logs name them.
 */
declare const zxidBrand: unique symbol;

export type Zxid = bigint & { readonly [zxidBrand]: true };

/** `zxidOf(3, 5)` is 0x300000005. */
export function zxidOf(epoch: number, counter: number): Zxid {
  return ((BigInt(epoch | 0) << 32n) | BigInt(counter >>> 0)) as Zxid;
}

/** The signed 64-bit number with these low bits, as a zxid. */
export function asZxid(value: bigint): Zxid {
  return BigInt.asIntN(64, value) as Zxid;
}

export function zxidEpoch(zxid: Zxid): number {
  return Number(zxid >> 32n);
}

export function zxidCounter(zxid: Zxid): number {
  return Number(BigInt.asUintN(32, zxid));
}

/** Hexadecimal without padding, as in `log.300000005`. */
export function formatZxid(zxid: Zxid): string {
  return BigInt.asUintN(64, zxid).toString(16);
}

const HEX_64 = /^[0-9a-f]{1,16}$/i;

/** The other way round, without a prefix; null for anything that is not 1 to 16 hex digits. */
export function parseZxid(text: string): Zxid | null {
  return HEX_64.test(text) ? asZxid(BigInt(`0x${text}`)) : null;
}
