/**
 * An observer's duty: it logs what it is informed of, which is committed already, and acknowledges
 * nothing. That it is never counted lies with the leader, which goes by the configuration.
 */
import { PacketType } from '@zabra/wire';
import type { Duty } from './learning/duty.ts';

export class Observing implements Duty {
  readonly role = 'observing';
  readonly infoType: number = PacketType.ObserverInfo;

  begin(): void {}

  acknowledge(): void {}
}
