/**
 * The configuration that a reconfig asks for: the present one without those who leave and with those
 * who join, or another one altogether. Who joins may be a member already; its line is replaced, which
 * is how roles and addresses change.
 *
 *     joining = "server." id "=" line {"," ...}      the line of server-line.ts, with a client address
 *     leaving = id {"," id}
 *     members = a configuration text, its lines parted by commas or line ends
 */
import {
  asServerId,
  type Ensemble,
  isWildcardHost,
  type Member,
  parseEnsemble,
  parseServerLine,
  type ReconfigRequest,
  type ServerId,
} from '@zabra/wire';
import type { TreeSettings } from './settings.ts';

const ID_MAX = (1n << 63n) - 1n;

/** Null where it cannot be had, or nobody could work with it. The version is the caller's to set. */
export function changeMembers(
  present: Ensemble,
  request: ReconfigRequest,
  { votersMin, multiAddressEnabled }: TreeSettings,
): Ensemble | null {
  const ensemble =
    request.newMembers === null ? changed(present, request) : replaced(request.newMembers);
  if (ensemble === null) return null;
  const { members } = ensemble;
  if (members.filter(({ role }) => role === 'participant').length < votersMin) return null;
  if (!multiAddressEnabled && members.some(({ addresses }) => addresses.length > 1)) return null;
  return haveAddressesApart(members) ? ensemble : null;
}

function replaced(text: string): Ensemble | null {
  const outcome = parseEnsemble(text.replaceAll(',', '\n'));
  if (outcome.kind === 'problem') return null;
  const { members, groups, weights, version } = outcome.ensemble;
  return { members: sorted(members), groups, weights, version };
}

/** By majorities only: nobody has said which group a joiner would belong to. */
function changed(
  present: Ensemble,
  { joiningServers, leavingServers }: ReconfigRequest,
): Ensemble | null {
  if (present.groups.length > 0) return null;
  const members = new Map(present.members.map((member) => [member.id, member]));
  for (const text of listed(leavingServers)) {
    const id = idOf(text);
    if (id === null) return null;
    members.delete(id);
  }
  for (const text of listed(joiningServers)) {
    const member = joinerOf(text);
    if (member === null) return null;
    members.set(member.id, member);
  }
  return { ...present, members: sorted([...members.values()]) };
}

function listed(text: string | null): readonly string[] {
  const parts = text === null ? [] : text.split(',');
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** A joiner says where its clients are served, for they will read it. */
function joinerOf(text: string): Member | null {
  const [key = '', line, ...more] = text.split('=');
  if (line === undefined || more.length > 0) return null;
  const id = idOf(key.slice(key.lastIndexOf('.') + 1).trim());
  if (id === null) return null;
  const outcome = parseServerLine(id, line);
  return outcome.kind === 'member' && outcome.member.client !== null ? outcome.member : null;
}

function idOf(text: string): ServerId | null {
  if (!/^\d{1,19}$/.test(text)) return null;
  const id = BigInt(text);
  return id > ID_MAX ? null : asServerId(id);
}

/** By their ids, whatever order they came in. */
function sorted(members: readonly Member[]): Member[] {
  return [...members].sort((one, other) => (one.id < other.id ? -1 : 1));
}

/** Two servers at one port: one of them could never be reached. */
function haveAddressesApart(members: readonly Member[]): boolean {
  const taken = new Set<string>();
  for (const member of members) {
    for (const place of new Set(placesOf(member))) {
      if (taken.has(place)) return false;
      taken.add(place);
    }
  }
  return true;
}

/** Every address of a machine says nothing about which machine it is. */
function* placesOf({ addresses, client, secureClient }: Member): Iterable<string> {
  for (const { host, quorumPort, electionPort } of addresses) {
    yield `${host} ${quorumPort}`;
    yield `${host} ${electionPort}`;
  }
  for (const place of [client, secureClient]) {
    if (place !== null && !isWildcardHost(place.host)) yield `${place.host} ${place.port}`;
  }
}
