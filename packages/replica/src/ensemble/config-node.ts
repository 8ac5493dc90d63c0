/**
 * /zookeeper/config: the node that tells clients who is in the ensemble. It holds what this server
 * knows to rule, is written by each server for itself, and is no part of the tree's digest.
 */
import { CONFIG_PATH, Field, type Tree } from '@zabra/tree';
import { type Ensemble, encodeUtf8, formatEnsemble } from '@zabra/wire';

const ANY_VERSION = -1;

export function writeConfiguration(tree: Tree, ensemble: Ensemble, wallMs: number): void {
  const row = tree.findPath(CONFIG_PATH);
  if (row < 0) return;
  const text = encodeUtf8(formatEnsemble(ensemble));
  tree.beforeChange(row);
  const data = new DataView(text.buffer, text.byteOffset, text.byteLength);
  tree.setData(row, text, data, 0, text.length);
  const view = tree.viewOf(row);
  const at = tree.offsetOf(row);
  view.setInt32(at + Field.Version, ANY_VERSION);
  view.setBigInt64(at + Field.Mzxid, ensemble.version);
  view.setBigInt64(at + Field.Mtime, BigInt(wallMs));
  tree.afterChange(row);
}
