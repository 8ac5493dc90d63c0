/** `mntr`: one `zk_key<TAB>value` line a figure, under the names that monitors know. */
import type { LearnerStatus } from '@zabra/zab';
import type { Summary } from '../figures.ts';
import type { Pipeline } from '../pipeline.ts';
import type { ServerState } from '../state.ts';
import type { HostFacts } from './host-facts.ts';
import { countedNodes } from './server-stats.ts';
import { decimal } from './text.ts';

type Row = readonly [key: string, value: string | number];

export function monitor(state: ServerState, pipeline: Pipeline, facts: HostFacts): string {
  return [
    ...gauges(state, pipeline, facts),
    ...ensembleGauges(state),
    ...counters(state),
    ...summary('fsynctime', state.figures.syncTime),
    ...summary('snapshottime', state.figures.snapshotTime),
    ...summary('sync_processor_batch_size', state.figures.syncBatch),
    ...summary('readlatency', state.figures.readLatency),
    ...summary('updatelatency', state.figures.updateLatency),
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
  const { ensemble, figures, nowMs } = state;
  if (ensemble === null) return [];
  const { standpoint } = ensemble.status;
  const rows: Row[] = [
    ['quorum_size', ensemble.ruling.members.length],
    // Of Apache's `zabstate`: that of the last transaction may be older.
    ...(standpoint.role === 'looking' ? [] : [['zab_epoch', standpoint.epoch] as const]),
    ['digest_mismatches_count', figures.digestMismatches],
  ];
  if (state.part.mode !== 'leader') return rows;
  const { learners } = ensemble.status;
  const inStep = learners.filter(({ isInStep }) => isInStep);
  const count = (isCounted: (learner: LearnerStatus) => boolean): number =>
    inStep.filter(isCounted).length;
  return [
    ...rows,
    ['learners', learners.length],
    ['synced_followers', count(({ isVoter }) => isVoter)],
    ['synced_non_voting_followers', count((one) => !one.isVoter && !one.isObserver)],
    ['synced_observers', count(({ isObserver }) => isObserver)],
    ['leader_uptime', Math.round(nowMs - ensemble.servingSinceMs)],
    ['proposal_count', figures.proposals],
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
    ['sessionless_connections_expired', figures.sessionlessExpired],
    ['stale_sessions_expired', figures.sessionsExpired],
    ['unsuccessful_handshake', figures.handshakesFailed],
    ['large_requests_rejected', figures.largeRequestsRejected],
    ['throttled_ops', figures.throttledOperations],
    ['snap_count', figures.snapshots],
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
