/**
 * What the disk of a member has to do besides appending, each behind all that was told before it:
 * an order of its own, or a snapshot that replaces everything and goes out in slices.
 */
import type {
  RebuildOrder,
  StoreConfigurationOrder,
  StoreEpochOrder,
  TruncateOrder,
} from './contract.ts';

export type Duty =
  | {
      readonly ticket: number;
      readonly order: StoreEpochOrder | StoreConfigurationOrder | TruncateOrder | RebuildOrder;
    }
  | { readonly ticket: number; readonly snapshotZxid: bigint };
