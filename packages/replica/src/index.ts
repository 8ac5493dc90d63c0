export { Chance } from './chance.ts';
export type { ConnectionThrottleSettings } from './connection-throttle.ts';
export type {
  AppendOrder,
  ClientOutput,
  CloseOrder,
  DiskOrder,
  NoticeOrder,
  Order,
  PauseOrder,
  RollOrder,
  SnapshotBeginOrder,
  SnapshotFinishOrder,
  SnapshotSliceOrder,
  StopOrder,
  WordOrder,
} from './contract.ts';
export { type Database, Recovery, type RecoveryOptions } from './recovery.ts';
export { Replica } from './replica.ts';
export type { ReplicaSettings } from './settings.ts';
export type { HostFacts } from './words/host-facts.ts';
