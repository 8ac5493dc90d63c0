/** From what an operator configured to what the mind of a member and its sockets are told. */
import { PEER_DEFAULTS, type Replica } from '@zabra/replica';
import { assert } from '@zabra/wire';
import { type EnsembleSettings, memberOf } from './config/ensemble-settings.ts';
import type { ServerSettings } from './config/settings.ts';
import type { PeerNetworkSettings } from './peers/peer-network.ts';

type Membership = NonNullable<ConstructorParameters<typeof Replica>[2]>;

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
      ...PEER_DEFAULTS,
      id,
      tickMs: settings.tickTimeMs,
      initLimitTicks: settings.initLimitTicks,
      syncLimitTicks: settings.syncLimitTicks,
      connectLimitTicks: settings.connectLimitTicks,
      observerSyncsMax: {
        diff: settings.observerDiffSyncsMax,
        snap: settings.observerSnapSyncsMax,
      },
      observerMasterPort: settings.observerMasterPort,
      observerBytesMax: settings.observerMasterBytesMax,
      desertionMs: settings.leaderDesertionMs,
      reconfigEnabled: settings.reconfigEnabled,
      electionTimes: {
        ...PEER_DEFAULTS.electionTimes,
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
    },
  };
}

export function peerNetworkSettings(settings: ServerSettings): PeerNetworkSettings {
  return {
    electionCallMs: settings.electionCallMs,
    observerMasterPort: settings.observerMasterPort,
    bindTriesMax: settings.electionBindTriesMax,
    listensOnAll: settings.quorumListensOnAll,
    keepAlive: settings.peerTcpKeepAlive,
  };
}
