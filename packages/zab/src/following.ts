/**
 * A follower's duty: it logs what is proposed and acknowledges each record when it is durable, and
 * none before it is in step. What was committed by then nobody counts any more.
 */
import { appendAck, type JuteWriter, PacketType } from '@zabra/wire';
import type { Duty } from './learning/duty.ts';
import type { Intake } from './learning/intake.ts';
import type { Standing } from './standing.ts';

export class Following implements Duty {
  readonly role = 'following';
  readonly infoType: number = PacketType.FollowerInfo;
  #epoch = 0;
  /** Counter of the last record that was acknowledged, or need not be. */
  #acknowledged = 0;

  begin(epoch: number, intake: Intake): void {
    this.#epoch = epoch;
    this.#acknowledged = intake.committedHigh === epoch ? intake.committedLow >>> 0 : 0;
  }

  acknowledge({ history }: Standing, out: JuteWriter): void {
    if (history.durableHigh !== this.#epoch) return;
    const durable = history.durableLow >>> 0;
    while (this.#acknowledged < durable) {
      this.#acknowledged += 1;
      appendAck(out, this.#epoch, this.#acknowledged | 0);
    }
  }
}
