/** The floors a release has to reach, by row. A row without one is shown and not judged. */

export type Floor =
  /** Zabra's number divided by the peer's, measured in the same run. */
  | { readonly against: 'peer'; readonly atLeast: number }
  | { readonly against: 'peer'; readonly atMost: number }
  /** Zabra's number as it is. */
  | { readonly against: 'itself'; readonly atMost: number };

const floors: Readonly<Record<string, Floor>> = {
  'getData.rate': { against: 'peer', atLeast: 12 },
  'setData.rate': { against: 'peer', atLeast: 5 },
  'create.rate': { against: 'peer', atLeast: 3 },
  'mixed.rate': { against: 'peer', atLeast: 9 },
  'readLatency.p50': { against: 'peer', atMost: 0.7 },
  'writeLatency.p50': { against: 'peer', atMost: 0.7 },
  'sessions.rate': { against: 'peer', atLeast: 1.5 },
  'ensemble.getData.rate': { against: 'peer', atLeast: 6 },
  'ensemble.setData.rate': { against: 'peer', atLeast: 5 },
  'ensemble.leaderWrite.p50': { against: 'peer', atMost: 0.7 },
  'ensemble.followerWrite.p50': { against: 'peer', atMost: 0.7 },
  'ensemble.outage': { against: 'itself', atMost: 250 },
  'ensemble.silence': { against: 'itself', atMost: 300 },
  'ensemble.observers': { against: 'itself', atMost: 15 },
  'start.time': { against: 'itself', atMost: 120 },
  'start.memory': { against: 'itself', atMost: 60 },
  'million.znode': { against: 'itself', atMost: 320 },
  'million.restart': { against: 'itself', atMost: 2500 },
  'million.longestCall': { against: 'itself', atMost: 10 },
};

export function floorOf(row: string): Floor | undefined {
  return floors[row];
}
