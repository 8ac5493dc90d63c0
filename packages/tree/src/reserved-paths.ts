/** The subtree the server keeps for itself, and which of its nodes nobody may delete. */
import { encodeUtf8 } from '@zabra/wire';

export const ZOOKEEPER_PATH = '/zookeeper';
export const CONFIG_PATH = '/zookeeper/config';
export const QUOTA_PATH = '/zookeeper/quota';

const UNDIGESTED_PREFIX: Uint8Array = encodeUtf8('/zookeeper/');
const UNDELETABLE: readonly Uint8Array[] = ['/', ZOOKEEPER_PATH, QUOTA_PATH, CONFIG_PATH].map(
  encodeUtf8,
);

/** Nodes below /zookeeper, though not that node itself, stay out of the tree digest. */
export function isUndigested(bytes: Uint8Array, start: number, end: number): boolean {
  return startsWith(bytes, start, end, UNDIGESTED_PREFIX);
}

export function isUndeletable(bytes: Uint8Array, start: number, end: number): boolean {
  return UNDELETABLE.some(
    (path) => path.length === end - start && startsWith(bytes, start, end, path),
  );
}

function startsWith(bytes: Uint8Array, start: number, end: number, prefix: Uint8Array): boolean {
  if (end - start < prefix.length) return false;
  for (let i = 0; i < prefix.length; i += 1) {
    if (bytes[start + i] !== prefix[i]) return false;
  }
  return true;
}
