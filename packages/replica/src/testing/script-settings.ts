/** What a server in a script is told unless its `world` command says otherwise. */
import type { ReplicaSettings } from '../settings.ts';

const plain: ReplicaSettings = {
  tree: {
    extendedTypes: true,
    enforceQuota: false,
    skipAcl: false,
    digestEnabled: true,
    closeSessionPaths: true,
    digestSchemeEnabled: true,
    reconfigEnabled: false,
    votersMin: 2,
    multiAddressEnabled: false,
    txnBytesMax: 0xfffff,
  },
  hashKey: { first: 1, second: 2 },
  seed: 1,
  serverId: 1,
  tickMs: 2000,
  sessionTimeoutMsMin: 4000,
  sessionTimeoutMsMax: 40_000,
  sessionlessTimeoutMs: 10_000,
  frameBytesMax: 0xfffff,
  connectionsPerAddressMax: 60,
  connectionsMax: 0,
  connectionThrottle: {
    tokens: 0,
    fillMs: 1,
    fillCount: 1,
    freezeMs: -1,
    dropIncrease: 0.02,
    dropDecrease: 0.002,
    decreaseRatio: 0,
    newSessionTokens: 1,
    renewalTokens: 1,
  },
  outstandingRequestsMax: 1000,
  throttledRequestsMax: 0,
  largeRequestBytes: -1,
  largeRequestsBytesMax: 100_000_000,
  throttledOperationWaitMs: 0,
  localSessions: false,
  upgradesLocalSessions: false,
  readOnlyMode: false,
  snapshotTransactions: 100_000,
  snapshotLogBytes: 0,
  containerCheckIntervalMs: 60_000,
  containerDeletionsPerMinuteMax: 10_000,
  containerNeverUsedMsMax: 0,
  fourLetterWords: 'all',
  superDigest: null,
  // The real one hashes; nothing here has to be kept secret.
  digestOf: (text) => text.replaceAll(':', '.'),
  enforcedAuthSchemes: [],
  version: '3.9.4-zabra.script, built on 1970-01-01 00:00 UTC',
};

const lists: readonly string[] = ['fourLetterWords', 'enforcedAuthSchemes'];

/** `key=value` of the settings themselves, of the tree's or of the connection throttle's. */
export function scriptSettings(options: ReadonlyMap<string, string> = new Map()): ReplicaSettings {
  const own: Record<string, unknown> = {};
  const tree: Record<string, unknown> = {};
  const throttle: Record<string, unknown> = {};
  for (const [key, text] of options) {
    const value = settingOf(key, text);
    if (key in plain.tree) tree[key] = value;
    else if (key in plain.connectionThrottle) throttle[key] = value;
    else if (key in plain) own[key] = value;
    else throw new Error(`${key} is no setting`);
  }
  return {
    ...plain,
    ...own,
    tree: { ...plain.tree, ...tree },
    connectionThrottle: { ...plain.connectionThrottle, ...throttle },
  };
}

function settingOf(key: string, text: string): unknown {
  if (lists.includes(key)) return text.split(',');
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?[0-9.]+$/.test(text) ? Number(text) : text;
}
