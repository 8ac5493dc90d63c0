/**
 * A role is what a server is doing: looking for a leader, leading, following, observing. Each is an
 * object of its own, made when the role begins and dropped when it ends, so that nothing of one role
 * is ever met in another.
 */
import type { ServerId, Zxid } from '@zabra/wire';
import type { EpochName, QuorumOutput, Standpoint } from './contract.ts';

/** Who leads from now on without having been elected: a new configuration names it. */
export interface Succession {
  readonly leader: ServerId;
  /** Of the record that made the configuration. */
  readonly zxid: Zxid;
}

/** Why a role is over; without a successor, an election comes next. */
export interface RoleEnd {
  readonly reason: string;
  readonly successor: Succession | null;
}

export interface Role {
  readonly standpoint: Standpoint;
  /** Set once the role is over; nothing is handed to it any more. */
  readonly end: RoleEnd | null;
  begin(): void;
  /** Says what is left to say, and calls off what was asked of others. */
  leave(): void;
  /** Everything that was there has been handed in. */
  turn(): void;
  wakeAt(): number;
  takeOutputs(into: QuorumOutput[]): void;
  recycle(output: QuorumOutput): void;
  onReceived(link: number, chunk: Uint8Array): void;
  onLinkClosed(link: number): void;
  onEpochStored(name: EpochName, epoch: number): void;
}
