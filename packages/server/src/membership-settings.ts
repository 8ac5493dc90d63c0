/** From what an operator configured to what the mind of a member and its sockets are told. */
import type { Replica } from '@zabra/replica';
import { assert } from '@zabra/wire';
import { type EnsembleSettings, memberOf } from './config/ensemble-settings.ts';
import type { ServerSettings } from './config/settings.ts';
import type { PeerNetworkSettings } from './peers/peer-network.ts';

type Membership = NonNullable<ConstructorParameters<typeof Replica>[2]>;

/** How long votes must be unanimous before they count. */
const SETTLE_MS = 200;
/** What is kept of recent proposals, and what may be on its way. */
const RECENT_BYTES_MAX = 32 * 1024 * 1024;
const OUTSTANDING_BYTES_MAX = 16 * 1024 * 1024;
/** The last counter that an epoch has. */
const PROPOSALS_MAX = 0xfffffffe;

export function membershipSettings(
  settings: ServerSettings,
  { id, committed }: EnsembleSettings,
): Omit<Membership, 'data'> {
  const me = memberOf(committed, id);
  assert(me !== undefined, 'a member is in its configuration');
  const { notificationMsMin, notificationMsMax, multiAddressEnabled } = settings;
  return {
    leaderServes: settings.leaderServes,
    peer: {
      id,
      tickMs: settings.tickTimeMs,
      initLimitTicks: settings.initLimitTicks,
      syncLimitTicks: settings.syncLimitTicks,
      connectLimitTicks: settings.connectLimitTicks,
      reconfigEnabled: settings.reconfigEnabled,
      electionTimes: {
        settleMs: SETTLE_MS,
        repeatMsMin: notificationMsMin,
        repeatMsMax: notificationMsMax,
      },
      links: {
        addresses: me.addresses.map(({ host, electionPort }) => ({ host, port: electionPort })),
        form: multiAddressEnabled ? 'v2' : 'v1',
        greetingMs: settings.electionGreetingMs,
      },
      packetBytesMax: settings.frameBytesMax + settings.frameBytesExtra,
      forcesSnapshots: settings.forceSnapshotSync,
      truncatesLearners: false,
      provesLeadershipAtSync: true,
      recentBytesMax: RECENT_BYTES_MAX,
      outstandingBytesMax: OUTSTANDING_BYTES_MAX,
      proposalsMax: PROPOSALS_MAX,
    },
  };
}

export function peerNetworkSettings(settings: ServerSettings): PeerNetworkSettings {
  return {
    electionCallMs: settings.electionCallMs,
    bindTriesMax: settings.electionBindTriesMax,
    listensOnAll: settings.quorumListensOnAll,
    keepAlive: settings.peerTcpKeepAlive,
  };
}
