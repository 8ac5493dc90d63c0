/** What makes a server a member of an ensemble: how it takes part, and what its files say of it. */
import type { PeerSettings } from '@zabra/zab';
import type { MemberData } from './contract.ts';

export interface Membership {
  readonly peer: PeerSettings;
  readonly data: MemberData;
  /** Whether it serves clients while it leads. */
  readonly leaderServes: boolean;
}
