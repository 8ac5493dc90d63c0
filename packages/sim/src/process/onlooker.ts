/**
 * The one place where everything that a server does can be seen by those who judge: what it sends
 * and receives on which door, what it asks of its disk and what is done there, and where it stands
 * after each turn. An onlooker changes nothing and keeps nothing that it is lent.
 */
import type { DiskOrder } from '@zabra/replica';
import type { DiskStep, SimDisk } from '../disk.ts';
import type { Standing } from './actor.ts';

export interface Onlooker {
  /** A process begins its life from what the disk holds. */
  started?(host: number, life: number, disk: SimDisk): void;
  /** It is over: memory is gone, and with the power what was not safe. */
  died?(host: number): void;
  /** A connection is there at this end; the other end differs in the last bit. */
  opened?(host: number, link: number, port: number): void;
  /** Borrowed for the call. */
  received?(host: number, link: number, bytes: Uint8Array): void;
  sent?(host: number, link: number, bytes: Uint8Array, byteCount: number): void;
  /** It has ended here, however that came about. */
  closed?(host: number, link: number): void;
  /** Bytes of an order are borrowed for the call. */
  ordered?(host: number, order: DiskOrder): void;
  /** A step has been done; what would survive is on the disk. */
  stepped?(host: number, step: DiskStep, disk: SimDisk): void;
  /** Its disk is not what it was when it was last safe: it was lost, damaged or taken back. */
  forgot?(host: number): void;
  /** Its mind is told that the disk has failed. */
  diskFailed?(host: number): void;
  /** A turn is over, and nothing it gives was taken yet. */
  decided?(host: number, standing: Standing): void;
  /** A turn is over, and everything it gave was taken. */
  turned?(host: number, standing: Standing): void;
  /** Something an operator should read. */
  noticed?(host: number, level: 'info' | 'warn' | 'error', text: string): void;
}

/** Of those who look on, who looks at what. */
export type Watching = {
  readonly [Sight in keyof Onlooker]-?: readonly Required<Pick<Onlooker, Sight>>[];
};

export function watching(onlookers: readonly Onlooker[]): Watching {
  const those = <Sight extends keyof Onlooker>(sight: Sight): Watching[Sight] =>
    onlookers.filter((one) => one[sight] !== undefined) as unknown as Watching[Sight];
  return {
    started: those('started'),
    died: those('died'),
    opened: those('opened'),
    received: those('received'),
    sent: those('sent'),
    closed: those('closed'),
    ordered: those('ordered'),
    stepped: those('stepped'),
    forgot: those('forgot'),
    diskFailed: those('diskFailed'),
    decided: those('decided'),
    turned: those('turned'),
    noticed: those('noticed'),
  };
}
