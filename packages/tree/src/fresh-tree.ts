/** The nodes a server starts with: the root and the reserved subtree. */
import { encodeUtf8, Permission } from '@zabra/wire';
import { encodeAclEntries } from './acl/acl-list.ts';
import { Field } from './record.ts';
import { CONFIG_PATH, QUOTA_PATH, ZOOKEEPER_PATH } from './reserved-paths.ts';
import { NO_ROW, ROOT_ROW, Tree, type TreeOptions } from './tree.ts';

export function createFreshTree(options: TreeOptions): Tree {
  const tree = new Tree(options);
  addBuiltIn(tree, NO_ROW, '');
  const zookeeper = addBuiltIn(tree, ROOT_ROW, ZOOKEEPER_PATH);
  addBuiltIn(tree, zookeeper, QUOTA_PATH);
  const config = addBuiltIn(tree, zookeeper, CONFIG_PATH);
  const acl = encodeAclEntries([{ permissions: Permission.Read, scheme: 'world', id: 'anyone' }]);
  tree.beforeChange(config);
  tree.setAclKey(config, tree.acls.intern(acl, 0, acl.length));
  tree.viewOf(config).setInt32(tree.offsetOf(config) + Field.Aversion, -1);
  tree.afterChange(config);
  // The parents gained children after their digests were made; built-in births are not counted.
  for (const row of [ROOT_ROW, zookeeper]) {
    tree.beforeChange(row);
    tree.afterChange(row);
  }
  return tree;
}

function addBuiltIn(tree: Tree, parent: number, path: string): number {
  const bytes = encodeUtf8(path);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const row = tree.insert(parent, bytes, view, 0, bytes.length);
  tree.setData(row, bytes, view, 0, 0);
  tree.afterBirth(row);
  return row;
}
