export { PEER_DEFAULTS } from '@zabra/zab';
export { Chance } from './chance.ts';
export type { ConnectionThrottleSettings } from './connection-throttle.ts';
export type {
  AppendOrder,
  ClientOutput,
  CloseLogOrder,
  CloseOrder,
  DiskOrder,
  EnsembleDoor,
  LogPieceEnd,
  MemberData,
  NoticeOrder,
  OpenLogOrder,
  Order,
  PauseOrder,
  PullLogOrder,
  RebuildOrder,
  RollOrder,
  SnapshotBeginOrder,
  SnapshotDropOrder,
  SnapshotFinishOrder,
  SnapshotSliceOrder,
  StopOrder,
  StoreConfigurationOrder,
  StoreEpochOrder,
  TruncateOrder,
  WordOrder,
} from './contract.ts';
export type { Membership } from './membership.ts';
export { type Database, Recovery, type RecoveryOptions } from './recovery.ts';
export { Replica } from './replica.ts';
export type { ReplicaSettings } from './settings.ts';
export type { HostFacts } from './words/host-facts.ts';
