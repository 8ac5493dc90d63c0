// What makes a member of an ensemble out of settings and a list of members, and what it is refused
// for. A list that means a server alone makes none.

import type { Member } from '@zabra/wire';
import type { Given } from './check-given.ts';
import { ConfigError } from './config-error.ts';
import { type EnsembleSettings, memberOf } from './ensemble-settings.ts';
import { type Membership, readNext } from './membership.ts';
import { readMyId } from './my-id.ts';
import type { ReadText } from './read-text.ts';
import { quote } from './readers.ts';
import type { ServerSettings } from './settings.ts';

export interface MemberCircumstances {
  readonly given: Given;
  readonly settings: ServerSettings;
  /** The path of zoo.cfg, when there is one. */
  readonly file: string | undefined;
  readonly read: ReadText;
  readonly warn: (warning: string) => void;
}

/** Undefined where the list means a server alone. */
export function readMemberSettings(
  membership: Membership,
  circumstances: MemberCircumstances,
): EnsembleSettings | undefined {
  const { settings, given, file, read, warn } = circumstances;
  if (servesAlone(membership, settings)) return undefined;
  checkLimits(settings);
  checkAddresses(membership, settings);
  checkSecurity(given);
  warnOfCount(membership, warn);
  const id = readMyId({ ...settings, read });
  const committed = membership.ensemble;
  const me = memberOf(committed, id);
  if (me === undefined) {
    throw new ConfigError({
      problem: `My id ${id} not in the peer list`,
      advice: 'Add a line server.N for it, or correct the file myid in the data directory.',
      ...firstLine(membership),
    });
  }
  checkClientAddress(me, membership, circumstances);
  warnOfRole(me, given.get('peerType')?.value, warn);
  for (const assignment of unheeded(given)) {
    warn(`${quote(assignment)} changes nothing in an ensemble yet.`);
  }
  return { id, committed, next: nextOf(membership, circumstances), file: file ?? null };
}

function servesAlone(membership: Membership, { standaloneEnabled }: ServerSettings): boolean {
  const { members } = membership.ensemble;
  const participants = members.filter(({ role }) => role === 'participant');
  if (!standaloneEnabled || participants.length > 1) return false;
  if (members.length === 1) return true;
  throw new ConfigError({
    problem: 'Observers w/o quorum is an invalid configuration',
    advice: 'Add participants, or write standaloneEnabled=false to have observers of one.',
    ...firstLine(membership),
  });
}

function checkLimits({ initLimitTicks, syncLimitTicks }: ServerSettings): void {
  for (const [key, ticks] of [
    ['initLimit', initLimitTicks],
    ['syncLimit', syncLimitTicks],
  ] as const) {
    if (ticks > 0) continue;
    throw new ConfigError({
      problem: `${key} is not set`,
      advice: 'A list of servers needs initLimit and syncLimit.',
    });
  }
}

function checkAddresses({ ensemble, lines }: Membership, settings: ServerSettings): void {
  if (settings.multiAddressEnabled) return;
  const several = ensemble.members.find(({ addresses }) => addresses.length > 1);
  if (several === undefined) return;
  const given = lines.find(({ key }) => key === `server.${several.id}`);
  throw new ConfigError({
    problem: `Multiple address feature is disabled, but multiple addresses were specified for sid ${several.id}`,
    advice: 'Write multiAddress.enabled=true, which servers before 3.6 do not understand.',
    ...(given === undefined ? {} : { given }),
  });
}

/** To go on without these would be to speak plainly where the operator does not want it. */
const security: Readonly<Record<string, string>> = {
  sslQuorum: 'TLS',
  portUnification: 'TLS',
  'quorum.auth.enableSasl': 'SASL',
  'quorum.auth.learnerRequireSasl': 'SASL',
  'quorum.auth.serverRequireSasl': 'SASL',
};

function checkSecurity(given: Given): void {
  for (const [key, what] of Object.entries(security)) {
    const wish = given.get(key);
    if (wish?.value.toLowerCase() !== 'true') continue;
    throw new ConfigError({
      problem: `${what} between servers is not available yet.`,
      advice:
        'Remove the line if the servers may talk without, or keep this member on Apache ZooKeeper.',
      given: wish,
    });
  }
}

function warnOfCount({ ensemble }: Membership, warn: (warning: string) => void): void {
  const participants = ensemble.members.filter(({ role }) => role === 'participant').length;
  if (participants === 2) {
    warn('No server failure will be tolerated. You need at least 3 servers.');
  } else if (participants % 2 === 0) {
    warn('Non-optimal configuration, consider an odd number of servers.');
  }
}

/** Where the line and the keys of the client port both say something, it must be the same. */
function checkClientAddress(
  { id, client }: Member,
  membership: Membership,
  { given, settings }: MemberCircumstances,
): void {
  if (client === null || !given.has('clientPort')) return;
  const { clientPort, clientPortAddress } = settings;
  const isSameHost = clientPortAddress === undefined || clientPortAddress === client.host;
  if (clientPort === client.port && isSameHost) return;
  const line = membership.lines.find(({ key }) => key === `server.${id}`);
  throw new ConfigError({
    problem: `client address for this server (id = ${id}) in static config file is ${clientPortAddress ?? '*'}:${clientPort} is different from client address found in dynamic file: ${client.host}:${client.port}`,
    advice: 'Remove clientPort and clientPortAddress: the server line is what others are told.',
    ...(line === undefined ? {} : { given: line }),
  });
}

function warnOfRole(me: Member, peerType: string | undefined, warn: (text: string) => void): void {
  const wanted = peerType?.toLowerCase();
  if (wanted === undefined || wanted === me.role) return;
  warn(
    `Peer type from servers list (${me.role.toUpperCase()}) doesn't match peerType (${wanted.toUpperCase()}). Defaulting to servers list.`,
  );
}

/** Keys that a member does not act on, with the values that ask for nothing. */
const idle: Readonly<Record<string, string>> = {
  syncEnabled: 'true',
  'observer.syncEnabled': 'true',
  oraclePath: '',
};

function* unheeded(given: Given): Iterable<Parameters<typeof quote>[0]> {
  for (const [key, value] of Object.entries(idle)) {
    const assignment = given.get(key);
    if (assignment !== undefined && assignment.value.toLowerCase() !== value) yield assignment;
  }
}

function nextOf(
  membership: Membership,
  { settings, file, read }: MemberCircumstances,
): EnsembleSettings['next'] {
  if (!settings.reconfigEnabled) return null;
  if (file === undefined) {
    throw new ConfigError({
      problem: 'reconfigEnabled=true needs a configuration file.',
      advice: 'Start with a zoo.cfg: members that change are written down beside it.',
      ...firstLine(membership),
    });
  }
  const next = readNext(file, read);
  return next !== null && next.version > membership.ensemble.version ? next : null;
}

function firstLine({ lines: [given] }: Membership): { given?: Membership['lines'][number] } {
  return given === undefined ? {} : { given };
}
