/**
 * Who contends at a node, told by the names of its children. Programs of one family exclude each
 * other; those of different ones do not, whatever they are: each overlooks the other's nodes, or
 * sorts them where they do no harm. So ours belongs to one family, and refuses to contend with
 * another.
 *
 * The names are those of Apache Curator (and of go-zookeeper, whose locks are Curator's) and of
 * kazoo.
 */
import { ForeignLayoutError } from './foreign-layout.ts';

/** Whose programs a recipe contends with. */
export type Layout = 'curator' | 'kazoo';

export interface Family {
  /** As errors call it. */
  readonly what: string;
  /** A contender's name, with the digits that order it. */
  readonly pattern: RegExp;
  /** What the names of readers have that those of writers have not. */
  readonly reader?: string;
}

/** Before a name, so that a node whose answer was lost is found again. */
export const marks: Readonly<Record<Layout, () => string>> = {
  curator: () => `_c_${crypto.randomUUID()}-`,
  kazoo: () => crypto.randomUUID().replaceAll('-', ''),
};

/** What is missing above a node: containers go with their last child. */
export const parents: Readonly<Record<Layout, 'container' | true>> = {
  curator: 'container',
  kazoo: true,
};

export const families: Readonly<
  Record<'curatorMutex' | 'curatorReadWrite' | 'curatorLatch' | 'curatorLease', Family> &
    Record<'kazooLock' | 'kazooReader' | 'sessionLock', Family>
> = {
  curatorMutex: {
    what: "a mutex or a leader selector, by Curator's names",
    pattern: /(?:^|-)lock-(-?\d{10,})$/,
  },
  curatorReadWrite: {
    what: "a read-write lock, by Curator's names",
    pattern: /__(?:READ|WRIT)__(-?\d{10,})$/,
    reader: '__READ__',
  },
  curatorLatch: {
    what: "a leader latch, by Curator's names",
    pattern: /(?:^|-)latch-(-?\d{10,})$/,
  },
  curatorLease: {
    what: "a semaphore's lease, by Curator's names",
    pattern: /(?:^|-)lease-(-?\d{10,})$/,
  },
  kazooLock: {
    what: "a lock or an election, by kazoo's names",
    pattern: /__lock__-?(\d{10,})$/,
  },
  kazooReader: {
    what: "the reader of a read-write lock, by kazoo's names",
    pattern: /__rlock__-?(\d{10,})$/,
  },
  sessionLock: {
    what: "a lock of ZooKeeper's own examples",
    pattern: /^x-[0-9a-f]+-(\d{10,})$/,
  },
};

/** Both kinds of kazoo's names, where both are at home. */
export const kazooReadWrite: Family = {
  what: "a read-write lock, by kazoo's names",
  pattern: /__r?lock__-?(\d{10,})$/,
  reader: '__rlock__',
};

/** The digits by which it stands in order; null if it is none of the family. */
export function orderOf(family: Family, name: string): string | null {
  return family.pattern.exec(name)?.[1] ?? null;
}

/** Throws if somebody contends here who would not respect the nodes of `family`. */
export function refuseForeigners(path: string, names: readonly string[], family: Family): void {
  for (const name of names) {
    if (family.pattern.test(name)) continue;
    const other = Object.values(families).find(({ pattern }) => pattern.test(name));
    if (other !== undefined) throw new ForeignLayoutError(path, name, other.what, family.what);
  }
}
