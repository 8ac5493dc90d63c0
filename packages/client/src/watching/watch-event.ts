/** What a watch tells. */
import type { WatchEventType } from '../connection/watchers.ts';

/**
 * `resync`: whoever keeps a picture of what is watched has to look again, since events may have been
 * missed. Events tell that something is different now, not how often it has changed.
 */
export type WatchEvent =
  | {
      readonly type: WatchEventType;
      readonly path: string;
      /** The transaction; servers before 3.9 do not tell it, nor any after a reconnect. */
      readonly zxid: bigint | undefined;
    }
  | {
      readonly type: 'resync';
      readonly reason: 'reconnected' | 'new-session' | 'overflow';
    };
