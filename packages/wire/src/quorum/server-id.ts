/**
 * Server ids: what a member's `myid` file says, 64 bits on the wire. Chosen by people, from 1 to 255
 * by custom, and never below zero for a real server.
 */
declare const serverIdBrand: unique symbol;

export type ServerId = bigint & { readonly [serverIdBrand]: true };

/** The signed 64-bit number with these low bits, as a server id. */
export function asServerId(value: bigint): ServerId {
  return BigInt.asIntN(64, value) as ServerId;
}

/** Whom those vote for who have no vote: observers, and servers outside the configuration. */
export const NO_SERVER: ServerId = asServerId(1n << 63n);

/** What an observer without an id of its own calls itself; its acceptor invents one for it. */
export const UNNAMED_OBSERVER: ServerId = asServerId((1n << 63n) - 1n);
