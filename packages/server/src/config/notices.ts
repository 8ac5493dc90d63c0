// What an operator is told about keys that set nothing.

import { isKnown, nearestKey } from './key-names.ts';
import type { Assignment } from './origin.ts';
import { describeOrigin } from './origin.ts';
import { type Group, groupNotices, groupOf } from './other-keys.ts';
import { quote } from './readers.ts';

/** Keys with a setting of their own that nothing acts on so far. */
const unheeded: ReadonlySet<string> = new Set([
  'emulate353TTLNodes',
  'enableEagerACLCheck',
  'jute.maxbuffer.extrasize',
  'request_throttle_stall_time',
  'request_throttle_drop_stale',
  'request_throttler.shutdownTimeout',
  'request_stale_latency_check',
  'request_stale_connection_check',
  'serializeLastProcessedZxid.enabled',
]);

export function noticesOf(given: Iterable<Assignment>): readonly string[] {
  const unknown: string[] = [];
  const groups = new Map<Group, Assignment[]>();
  for (const assignment of given) {
    const group = groupOf(assignment.key);
    if (unheeded.has(assignment.key)) unknown.push(unheededKey(assignment));
    else if (group !== undefined) groups.set(group, [...(groups.get(group) ?? []), assignment]);
    else if (!isKnown(assignment.key)) unknown.push(unknownKey(assignment));
  }
  return [...unknown, ...groupWarnings(groups)];
}

function unheededKey({ key, origin }: Assignment): string {
  return `${key} is understood but changes nothing yet (${describeOrigin(origin)}).`;
}

function unknownKey({ key, origin }: Assignment): string {
  const meant = nearestKey(key);
  const question = meant === undefined ? 'it is ignored.' : `did you mean ${meant}? It is ignored.`;
  return `${key} is not a known key (${describeOrigin(origin)}); ${question}`;
}

/** One warning for each feature that is asked for and not there; to switch it off is no wish for it. */
function groupWarnings(groups: ReadonlyMap<Group, readonly Assignment[]>): readonly string[] {
  const warnings: string[] = [];
  for (const [group, assignments] of groups) {
    const notice = groupNotices[group];
    const wishes = assignments.filter(({ value }) => value.toLowerCase() !== 'false');
    if (notice === undefined || wishes.length === 0) continue;
    const named = wishes.map(group === 'tls' || group === 'sasl' ? nameOnly : quote);
    warnings.push(`${notice} Ignored: ${named.join(', ')}.`);
  }
  return warnings;
}

/** Some of these values are passwords. */
function nameOnly({ key, origin }: Assignment): string {
  return `${key} (${describeOrigin(origin)})`;
}
