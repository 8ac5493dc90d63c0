/** The kinds of packets between a leader, or an observer's master, and its learners. */
export const PacketType = {
  Request: 1,
  Proposal: 2,
  Ack: 3,
  Commit: 4,
  Ping: 5,
  Revalidate: 6,
  Sync: 7,
  Inform: 8,
  CommitAndActivate: 9,
  NewLeader: 10,
  FollowerInfo: 11,
  UpToDate: 12,
  Diff: 13,
  Trunc: 14,
  Snap: 15,
  ObserverInfo: 16,
  LeaderInfo: 17,
  AckEpoch: 18,
  InformAndActivate: 19,
} as const;

export type PacketType = (typeof PacketType)[keyof typeof PacketType];

const names: ReadonlyMap<number, string> = new Map(
  Object.entries(PacketType).map(([name, type]) => [type, name.toUpperCase()]),
);

/** As ZooKeeper's own logs name it; a type that nobody knows is named by its number. */
export function packetTypeName(type: number): string {
  return names.get(type) ?? `type ${type}`;
}
