/** Request types of the client protocol, which are also the transaction types of log and quorum. */
export const Opcode = {
  Notification: 0,
  Create: 1,
  Delete: 2,
  Exists: 3,
  GetData: 4,
  SetData: 5,
  GetAcl: 6,
  SetAcl: 7,
  GetChildren: 8,
  Sync: 9,
  Ping: 11,
  GetChildren2: 12,
  Check: 13,
  Multi: 14,
  Create2: 15,
  Reconfig: 16,
  CheckWatches: 17,
  RemoveWatches: 18,
  CreateContainer: 19,
  DeleteContainer: 20,
  CreateTtl: 21,
  MultiRead: 22,
  Auth: 100,
  SetWatches: 101,
  Sasl: 102,
  GetEphemerals: 103,
  GetAllChildrenNumber: 104,
  SetWatches2: 105,
  AddWatch: 106,
  WhoAmI: 107,
  Error: -1,
  CreateSession: -10,
  CloseSession: -11,
} as const;

export type Opcode = (typeof Opcode)[keyof typeof Opcode];

/** Transaction ids with a meaning of their own in a reply or request header. */
export const Xid = { Notification: -1, Ping: -2, Auth: -4, SetWatches: -8 } as const;

/** What a watch event says; the values beyond ChildrenChanged are made by clients only. */
export const EventType = {
  None: -1,
  Created: 1,
  Deleted: 2,
  DataChanged: 3,
  ChildrenChanged: 4,
} as const;

/** The only session state a server ever puts into an event. */
export const KEEPER_STATE_CONNECTED = 3;

/** Modes of the create family's flags field. */
export const CreateFlags = {
  Persistent: 0,
  Ephemeral: 1,
  PersistentSequential: 2,
  EphemeralSequential: 3,
  Container: 4,
  PersistentTtl: 5,
  PersistentSequentialTtl: 6,
} as const;

export const AddWatchMode = { Persistent: 0, PersistentRecursive: 1 } as const;

/** Kinds named by checkWatches and removeWatches. */
export const WatcherType = {
  Children: 1,
  Data: 2,
  Any: 3,
  Persistent: 4,
  PersistentRecursive: 5,
} as const;

export const Permission = {
  Read: 1,
  Write: 2,
  Create: 4,
  Delete: 8,
  Admin: 16,
  All: 31,
} as const;
