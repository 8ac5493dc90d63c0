/** `mntr`: one `zk_key<TAB>value` line a figure, under the names that monitors know. */
import { type LearnerStatus, PeerFigures, type Summary } from '@zabra/zab';
import type { Pipeline } from '../pipeline.ts';
import type { ServerState } from '../state.ts';
import type { EnsembleView } from './ensemble-view.ts';
import type { HostFacts } from './host-facts.ts';
import { countedNodes } from './server-stats.ts';
import { decimal } from './text.ts';

type Row = readonly [key: string, value: string | number];

export function monitor(state: ServerState, pipeline: Pipeline, facts: HostFacts): string {
  return [
    ...gauges(state, pipeline, facts),
    ...ensembleGauges(state),
    ...counters(state),
    ...peerCounters(state),
    ...summary('fsynctime', state.figures.syncTime),
    ...summary('snapshottime', state.figures.snapshotTime),
    ...summary('sync_processor_batch_size', state.figures.syncBatch),
    ...summary('readlatency', state.figures.readLatency),
    ...summary('updatelatency', state.figures.updateLatency),
    ...summary('proposal_latency', state.figures.proposalTime),
    ...summary('propagation_latency', state.figures.propagationTime),
    ...peerSummaries(state),
    ...quotas(state),
  ]
    .map(([key, value]) => `zk_${key}\t${value}\n`)
    .join('');
}

function gauges(state: ServerState, pipeline: Pipeline, facts: HostFacts): Row[] {
  const { figures, tree } = state;
  return [
    ['version', state.settings.version],
    ['server_state', state.part.mode],
    ...peerState(state),
    ['ephemerals_count', tree.ephemeralCount],
    ['num_alive_connections', state.connections.size],
    ['avg_latency', decimal(figures.latency.average)],
    ['max_latency', Math.round(figures.latency.max)],
    ['min_latency', Math.round(figures.latency.min)],
    ['outstanding_requests', pipeline.outstanding],
    ['znode_count', countedNodes(state)],
    ['watch_count', state.watches.count],
    ['approximate_data_size', tree.contentBytes],
    ['global_sessions', state.sessions.size],
    ['local_sessions', state.localSessions.size],
    ['packets_received', figures.packetsReceived],
    ['packets_sent', figures.packetsSent],
    ['auth_failed_count', figures.authFailures],
    ['open_file_descriptor_count', facts.openFiles],
    ['max_file_descriptor_count', facts.openFilesMax],
    ['last_client_response_size', figures.responseBytesLast],
    ['max_client_response_size', figures.responseBytesMax],
    ['min_client_response_size', figures.responseBytesMin],
    ['uptime', Math.round(state.nowMs - state.startedMs)],
  ];
}

const peerRoles = {
  leading: 'leading - broadcast',
  following: 'following - broadcast',
  observing: 'observing - broadcast',
  looking: 'looking',
} as const;

/** Whoever is asked serves, and a member that serves has been through everything before. */
function peerState({ ensemble }: ServerState): Row[] {
  return ensemble === null ? [] : [['peer_state', peerRoles[ensemble.status.standpoint.role]]];
}

function ensembleGauges(state: ServerState): Row[] {
  const { ensemble } = state;
  if (ensemble === null) return [];
  const { standpoint, learners, learnsFrom } = ensemble.status;
  const inStep = learners?.filter(({ isInStep }) => isInStep) ?? null;
  const rows: Row[] = [
    ['quorum_size', ensemble.ruling.members.length],
    // Of Apache's `zabstate`: that of the last transaction may be older.
    ...(standpoint.role === 'looking' ? [] : [['zab_epoch', standpoint.epoch] as const]),
  ];
  if (state.part.mode === 'observer') rows.push(['observer_master_id', String(learnsFrom)]);
  if (inStep !== null) {
    rows.push(['synced_observers', inStep.filter(({ isObserver }) => isObserver).length]);
  }
  if (state.part.mode === 'leader') rows.push(...leaderGauges(state, ensemble, inStep ?? []));
  return rows;
}

function leaderGauges(
  { figures, nowMs }: ServerState,
  { status, servingSinceMs }: EnsembleView,
  inStep: readonly LearnerStatus[],
): Row[] {
  const count = (isCounted: (learner: LearnerStatus) => boolean): number =>
    inStep.filter(isCounted).length;
  return [
    ['learners', status.learners?.length ?? 0],
    ['synced_followers', count(({ isVoter }) => isVoter)],
    ['synced_non_voting_followers', count((one) => !one.isVoter && !one.isObserver)],
    ['pending_syncs', status.pendingSyncs],
    ['leader_uptime', Math.round(nowMs - servingSinceMs)],
    ['last_proposal_size', figures.proposalBytesLast],
    ['max_proposal_size', figures.proposalBytesMax],
    ['min_proposal_size', figures.proposalBytesMin],
  ];
}

function counters(state: ServerState): Row[] {
  const { figures } = state;
  return [
    ['bytes_received_count', figures.bytesReceived],
    ['response_bytes', figures.bytesSent],
    ['watch_bytes', figures.watchBytes],
    ['connection_request_count', figures.connectionsRequested],
    ['connection_rejected', figures.connectionsRejected],
    ['connection_drop_count', figures.connectionsDropped],
    ['connection_revalidate_count', figures.sessionsReturned],
    ['sessionless_connections_expired', figures.sessionlessExpired],
    ['stale_sessions_expired', figures.sessionsExpired],
    ['unsuccessful_handshake', figures.handshakesFailed],
    ['large_requests_rejected', figures.largeRequestsRejected],
    ['throttled_ops', figures.throttledOperations],
    ['digest_mismatches_count', figures.digestMismatches],
    ['proposal_count', figures.proposals],
  ];
}

/** What a server that is alone never does, it tells too, like Apache's. */
const ALONE = new PeerFigures();

function peerCounters({ ensemble }: ServerState): Row[] {
  const figures = ensemble?.figures ?? ALONE;
  return [
    ['commit_count', figures.commits],
    ['diff_count', figures.diffs],
    ['snap_count', figures.snapshots],
    ['looking_count', figures.lookings],
    ['quit_leading_due_to_disloyal_voter', figures.desertions],
    ['learner_proposal_received_count', figures.proposalsReceived],
    ['learner_commit_received_count', figures.commitsReceived],
    ['revalidate_count', figures.revalidations],
  ];
}

function peerSummaries({ ensemble }: ServerState): Row[] {
  const figures = ensemble?.figures ?? ALONE;
  return [
    ...summary('election_time', figures.electionTime),
    ...summary('unavailable_time', figures.unavailableTime),
    ...summary('leader_unavailable_time', figures.leaderUnavailableTime),
    ...summary('follower_sync_time', figures.followerSyncTime),
    ...summary('observer_sync_time', figures.observerSyncTime),
    ...summary('quorum_ack_latency', figures.quorumTime),
  ];
}

function summary(name: string, values: Summary): Row[] {
  return [
    [`avg_${name}`, decimal(values.average)],
    [`min_${name}`, Math.round(values.min)],
    [`max_${name}`, Math.round(values.max)],
    [`cnt_${name}`, values.count],
    [`sum_${name}`, Math.round(values.sum)],
  ];
}

function quotas(state: ServerState): Row[] {
  return [...state.quotas.reports()].flatMap(({ path, limits, count, bytes }): Row[] => {
    const name = path.split('/')[1] ?? '';
    return [
      [
        `${name}_quota_count_limit_per_namespace`,
        limits.countHard >= 0 ? limits.countHard : limits.count,
      ],
      [
        `${name}_quota_bytes_limit_per_namespace`,
        limits.bytesHard >= 0 ? limits.bytesHard : limits.bytes,
      ],
      [`${name}_quota_count_usage_per_namespace`, count],
      [`${name}_quota_bytes_usage_per_namespace`, bytes],
    ];
  });
}
