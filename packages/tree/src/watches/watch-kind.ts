/** Kinds of registration on one path, a set of bits per connection. */
export const WatchKind = {
  Data: 1,
  Child: 2,
  Persistent: 4,
  Recursive: 8,
} as const;

/** How many bits a set of kinds takes. */
export const KIND_BITS = 4;

/** What hears of changes to the node itself. */
export const NODE_KINDS: number = WatchKind.Data | WatchKind.Persistent | WatchKind.Recursive;
/** What hears of changes to the list of children. */
export const CHILD_KINDS: number = WatchKind.Child | WatchKind.Persistent;
export const ALL_KINDS: number = NODE_KINDS | CHILD_KINDS;
