/** Curator: its recipes, most of them between two clients, over cut connections and a restart. */
import { javaPeer } from '../support/peers-java.ts';
import { describePeer } from '../support/peers-report.ts';

describePeer('Curator 5.9.0', {
  install: () => javaPeer('CuratorClient'),
  checks: [
    'framework: parents are made as containers and vanish',
    'framework: protected sequential create',
    'framework: delete with children, and create or set',
    'framework: transaction',
    'framework: namespace, compression, TTL',
    'InterProcessMutex: excludes, is reentrant, and goes on to the next',
    'InterProcessMutex: eight threads never overlap',
    'InterProcessMutex: the lock of a client that closes is free',
    'InterProcessReadWriteLock: readers together, a writer alone',
    'InterProcessSemaphoreV2: so many leases and no more',
    'LeaderLatch: one leads, the next follows when it closes',
    'LeaderSelector: each gets its turn',
    'CuratorCache: holds the subtree and follows it',
    'CuratorCache: two hundred nodes arrive',
    'DistributedQueue: every item once, in order',
    'DistributedQueue: with locks, two consumers share the items',
    'DistributedPriorityQueue: the lower number first',
    'SimpleDistributedQueue: offer, peek, poll, take',
    'DistributedAtomicLong: nothing is lost under contention',
    'SharedCount: one sets, the other hears; a stale set is refused',
    'DistributedBarrier: holds until it is removed',
    'DistributedDoubleBarrier: all enter together and leave together',
    'PersistentNode: comes back when somebody deletes it',
    'PersistentTtlNode: is kept alive, and goes when its owner does',
    'GroupMember: everybody sees everybody',
    'ServiceDiscovery: registered, found, and gone',
    'ServiceCache: follows the instances',
    'faults: states go by, the cache catches up, the latch keeps its place',
    'faults: the restart of the server is survived by lock and cache',
    'paths: ordered children of everything that was made',
  ],
});
