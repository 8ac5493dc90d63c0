/**
 * Asking whoever holds a lock to give it up: a word in the data of its node, which Curator's
 * revocable locks understand as well. Whether it does is for the holder to decide.
 */
import type { Abortable, Bytes, ZooKeeper } from '../public.ts';

const REQUEST = '__REVOKE__';

/** `contender` is the path of a node, from `contenders()`. */
export async function requestRevocation(
  zk: ZooKeeper,
  contender: string,
  options: Abortable = {},
): Promise<void> {
  await zk.set(contender, REQUEST, options);
}

export function isRevocation(data: Bytes): boolean {
  return new TextDecoder().decode(data) === REQUEST;
}
