/**
 * A client may see one subtree as if it were everything. The session itself knows only the server's
 * paths, so that views of different roots can share it; these go from one to the other. A root is
 * '' for the whole tree, else a path that does not end with a slash.
 */

/** `toServerPath('/app', '/a')` is `/app/a`, and of `/` it is `/app`. */
export function toServerPath(root: string, path: string): string {
  if (root === '') return path;
  return path === '/' ? root : root + path;
}

/** The other way round; null for what lies outside. */
export function toClientPath(root: string, path: string): string | null {
  if (root === '') return path;
  if (path === root) return '/';
  return path.startsWith(`${root}/`) ? path.slice(root.length) : null;
}
