/**
 * S-36: who was told that its disk failed acknowledges nothing, promises nothing and votes for nobody
 * any more, and is gone after the turn in which it heard of it.
 */
import { PacketType, packetTypeName } from '@zabra/wire';
import type { Rule } from './rule.ts';

const VOWS: readonly number[] = [PacketType.Ack, PacketType.AckEpoch];

export function failStop(): Rule {
  const turnsSince = new Map<number, number>();
  return {
    diskFailed: ({ server }) => {
      turnsSince.set(server, 0);
    },
    died: ({ server }) => {
      turnsSince.delete(server);
    },
    turned: ({ server }, _known, say) => {
      const turns = turnsSince.size === 0 ? undefined : turnsSince.get(server);
      if (turns === undefined) return;
      turnsSince.set(server, turns + 1);
      if (turns === 1) say('S-36', `server ${server} goes on though its disk has failed`);
    },
    sent: ({ connection, isLeaders, packet }, known, say) => {
      const talk = known.talks.get(connection);
      if (talk === undefined || isLeaders || !VOWS.includes(packet.type)) return;
      if (!known.server(talk.learner).hasFailedDisk) return;
      const name = packetTypeName(packet.type);
      say('S-36', `server ${talk.learner} sends ${name} though its disk has failed`);
    },
    voted: ({ server }, known, say) => {
      if (!known.server(server).hasFailedDisk) return;
      say('S-36', `server ${server} votes though its disk has failed`);
    },
  };
}
