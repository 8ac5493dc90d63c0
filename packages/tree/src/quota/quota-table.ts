/**
 * Quotas. An operator's limits are ordinary nodes below /zookeeper/quota; what is used is kept here
 * and written into the neighbouring stats node, in place and on each server for itself: no
 * transaction, no stat change, no watch.
 *
 * Hard limits compare with what is applied, so writes in flight together may overshoot them, as
 * they may on Apache's servers.
 */
import { decodeUtf8, encodeUtf8 } from '@zabra/wire';
import { Field } from '../record.ts';
import { QUOTA_PATH } from '../reserved-paths.ts';
import type { Tree } from '../tree.ts';
import { formatUsage, type Limits, parseLimits, UNLIMITED } from './limits.ts';

const LIMITS_SUFFIX = '/zookeeper_limits';
const STATS_SUFFIX = '/zookeeper_stats';
const QUOTA_PREFIX = `${QUOTA_PATH}/`;

class Quota {
  readonly path: string;
  limits: Limits;
  count = 0;
  bytes = 0;

  constructor(path: string, limits: Limits) {
    this.path = path;
    this.limits = limits;
  }
}

export interface QuotaReport {
  readonly path: string;
  readonly limits: Limits;
  readonly count: number;
  readonly bytes: number;
}

export class QuotaTable {
  readonly #tree: Tree;
  readonly #enforce: boolean;
  readonly #byPath = new Map<string, Quota>();
  /** Paths whose soft limit was passed since this was last emptied. */
  readonly exceeded: Set<string> = new Set();

  constructor(tree: Tree, enforce: boolean) {
    this.#tree = tree;
    this.#enforce = enforce;
  }

  *reports(): Generator<QuotaReport> {
    yield* this.#byPath.values();
  }

  /** Whether a hard limit forbids this much growth at the path. */
  refuses(bytes: Uint8Array, start: number, end: number, count: number, growth: number): boolean {
    if (!this.#enforce || this.#byPath.size === 0) return false;
    const quota = this.#covering(decodeUtf8(bytes.subarray(start, end)));
    if (quota === null) return false;
    const { countHard, bytesHard } = quota.limits;
    if (count > 0 && countHard !== UNLIMITED && quota.count + count > countHard) return true;
    return growth > 0 && bytesHard !== UNLIMITED && quota.bytes + growth > bytesHard;
  }

  onCreate(row: number, bytes: Uint8Array, start: number, end: number): void {
    if (isQuotaPath(bytes, start, end)) {
      const path = decodeUtf8(bytes.subarray(start, end));
      if (path.endsWith(LIMITS_SUFFIX)) this.#register(path, row);
      else if (path.endsWith(STATS_SUFFIX)) this.#recount(quotaPathOf(path, STATS_SUFFIX));
    }
    if (this.#byPath.size === 0) return;
    this.#count(bytes, start, end, 1, this.#tree.field(row, Field.DataLength));
  }

  /** Before the node goes. */
  onDelete(row: number, bytes: Uint8Array, start: number, end: number): void {
    if (this.#byPath.size === 0) return;
    if (isQuotaPath(bytes, start, end)) {
      const path = decodeUtf8(bytes.subarray(start, end));
      if (path.endsWith(LIMITS_SUFFIX)) this.#byPath.delete(quotaPathOf(path, LIMITS_SUFFIX));
    }
    this.#count(bytes, start, end, -1, -this.#tree.field(row, Field.DataLength));
  }

  onSetData(row: number, growth: number, bytes: Uint8Array, start: number, end: number): void {
    if (isQuotaPath(bytes, start, end)) {
      const path = decodeUtf8(bytes.subarray(start, end));
      if (path.endsWith(LIMITS_SUFFIX)) this.#register(path, row);
    }
    if (this.#byPath.size > 0) this.#count(bytes, start, end, 0, growth);
  }

  /** Finds the quotas of a tree that was loaded, and counts what they cover. */
  reload(): void {
    this.#byPath.clear();
    const root = this.#tree.findPath(QUOTA_PATH);
    if (root >= 0) this.#reloadBelow(root);
  }

  #reloadBelow(row: number): void {
    const tree = this.#tree;
    tree.forEachChild(row, (child) => {
      const path = tree.pathOf(child);
      if (path.endsWith(LIMITS_SUFFIX)) this.#register(path, child);
      else this.#reloadBelow(child);
    });
  }

  #register(limitsPath: string, row: number): void {
    const path = quotaPathOf(limitsPath, LIMITS_SUFFIX);
    // A quota on the root itself is ignored, as it always was.
    if (path === '') return;
    const text = decodeUtf8(this.#tree.dataOf(row) ?? new Uint8Array(0));
    const known = this.#byPath.get(path);
    if (known === undefined) {
      this.#byPath.set(path, new Quota(path, parseLimits(text)));
      this.#recount(path);
    } else {
      known.limits = parseLimits(text);
    }
  }

  #recount(path: string): void {
    const quota = this.#byPath.get(path);
    if (quota === undefined) return;
    this.#measure(quota);
    this.#writeStats(quota);
  }

  /** Walks the subtree: the node itself counts as one. */
  #measure(quota: Quota): void {
    quota.count = 0;
    quota.bytes = 0;
    const top = this.#tree.findPath(quota.path);
    if (top < 0) return;
    const rows = [top];
    for (let row = rows.pop(); row !== undefined; row = rows.pop()) {
      quota.count += 1;
      quota.bytes += this.#tree.field(row, Field.DataLength);
      this.#tree.forEachChild(row, (child) => rows.push(child));
    }
  }

  #count(bytes: Uint8Array, start: number, end: number, count: number, growth: number): void {
    const quota = this.#covering(decodeUtf8(bytes.subarray(start, end)));
    if (quota === null) return;
    quota.count += count;
    quota.bytes += growth;
    const { limits } = quota;
    const isOver =
      (limits.count !== UNLIMITED && quota.count > limits.count) ||
      (limits.bytes !== UNLIMITED && quota.bytes > limits.bytes);
    if (isOver && (count > 0 || growth > 0)) this.exceeded.add(quota.path);
    this.#writeStats(quota);
  }

  #writeStats(quota: Quota): void {
    const tree = this.#tree;
    const row = tree.findPath(QUOTA_PATH + quota.path + STATS_SUFFIX);
    if (row < 0) return;
    const text = encodeUtf8(formatUsage(quota.count, quota.bytes));
    tree.beforeChange(row);
    tree.setData(
      row,
      text,
      new DataView(text.buffer, text.byteOffset, text.length),
      0,
      text.length,
    );
    tree.afterChange(row);
  }

  /** The deepest quota on the path or above it. */
  #covering(path: string): Quota | null {
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
      const quota = this.#byPath.get(path.slice(0, end));
      if (quota !== undefined) return quota;
    }
    return null;
  }
}

function quotaPathOf(path: string, suffix: string): string {
  return path.slice(QUOTA_PATH.length, path.length - suffix.length);
}

/** A cheap test on bytes before any string is made. */
function isQuotaPath(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start <= QUOTA_PREFIX.length) return false;
  for (let i = 0; i < QUOTA_PREFIX.length; i += 1) {
    if (bytes[start + i] !== QUOTA_PREFIX.charCodeAt(i)) return false;
  }
  return true;
}
