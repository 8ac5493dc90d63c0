/** Session ids: 64 bits with the id of the server that made them in the highest byte. */
declare const sessionIdBrand: unique symbol;

export type SessionId = bigint & { readonly [sessionIdBrand]: true };

/** What a client without a session sends. */
export const NO_SESSION: SessionId = 0n as SessionId;

/** The signed 64-bit number with these low bits, as a session id. */
export function asSessionId(value: bigint): SessionId {
  return BigInt.asIntN(64, value) as SessionId;
}

/** `0x10000320fb60000`: how sessions are named in logs, by every server and client. */
export function formatSessionId(id: SessionId): string {
  return `0x${BigInt.asUintN(64, id).toString(16)}`;
}
