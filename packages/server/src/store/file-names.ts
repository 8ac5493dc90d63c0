/**
 * The names of logs and snapshots: `log.<hex>` by the zxid of its first record,
 * `snapshot.<hex>[.gz|.snappy]` by the last zxid it is known to hold. Files of other names are
 * nobody's business here.
 */
export type SnapshotForm = 'plain' | 'gz' | 'snappy';

export interface SnapshotName {
  readonly zxid: bigint;
  readonly form: SnapshotForm;
}

const suffixes: Readonly<Record<SnapshotForm, string>> = {
  plain: '',
  gz: '.gz',
  snappy: '.snappy',
};

const LOG = /^log\.([0-9a-f]{1,16})$/i;
const SNAPSHOT = /^snapshot\.([0-9a-f]{1,16})(?:\.(gz|snappy))?$/i;
const TEMPORARY = /^snapshot\..*\.tmp$/;
const ZXID_MAX = 2n ** 63n - 1n;

export function logName(firstZxid: bigint): string {
  return `log.${firstZxid.toString(16)}`;
}

/** The zxid in the name of a log; null for any other name. */
export function parseLogName(name: string): bigint | null {
  return zxidOf(LOG.exec(name)?.[1]);
}

export function snapshotName({ zxid, form }: SnapshotName): string {
  return `snapshot.${zxid.toString(16)}${suffixes[form]}`;
}

export function parseSnapshotName(name: string): SnapshotName | null {
  const [, hex, suffix = 'plain'] = SNAPSHOT.exec(name) ?? [];
  const zxid = zxidOf(hex);
  return zxid === null ? null : { zxid, form: suffix.toLowerCase() as SnapshotForm };
}

/** What a snapshot is called until it is complete. */
export function temporaryName(name: string): string {
  return `${name}.tmp`;
}

/** Whether it is a snapshot whose writing was cut short; epoch files have a meaning of their own. */
export function isTemporaryName(name: string): boolean {
  return TEMPORARY.test(name);
}

function zxidOf(hex: string | undefined): bigint | null {
  if (hex === undefined) return null;
  const zxid = BigInt(`0x${hex}`);
  return zxid > ZXID_MAX ? null : zxid;
}
