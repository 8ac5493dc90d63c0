/**
 * What sets a follower apart from an observer; everything else of a learner's course they share.
 */
import type { JuteWriter } from '@zabra/wire';
import type { Standing } from '../standing.ts';
import type { Intake } from './intake.ts';

export interface Duty {
  readonly role: 'following' | 'observing';
  /** The packet by which it introduces itself. */
  readonly infoType: number;
  /** It is in step with the leader of this epoch. */
  begin(epoch: number, intake: Intake): void;
  /** Says what has become durable, as far as anybody wants to hear it. */
  acknowledge(standing: Standing, out: JuteWriter): void;
}
