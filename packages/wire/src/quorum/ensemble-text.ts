/**
 * The text of a configuration, as servers hand it to each other and keep it in /zookeeper/config:
 * lines of Java properties, the version last.
 *
 *     server.N=...                    see server-line.ts
 *     group.G=N:N:...                 groups of servers, where votes are counted by group
 *     weight.N=W                      1 for a participant that is not named
 *     version=hex
 *
 * What Apache's servers write is written again byte for byte: `formatEnsemble` keeps the order within
 * servers, groups and weights. Anything that another server could read otherwise is a problem rather
 * than a guess: unknown keys, keys that come twice, escapes.
 */
import { parseZxid } from '../zxid.ts';
import type { Ensemble, Group, Member, Weight } from './ensemble.ts';
import { quoted } from './quoted.ts';
import { asServerId, type ServerId } from './server-id.ts';
import { formatServerLine, parseServerLine } from './server-line.ts';

export type EnsembleOutcome =
  | { readonly kind: 'ensemble'; readonly ensemble: Ensemble }
  /** A sentence for whoever wrote the text. */
  | { readonly kind: 'problem'; readonly problem: string };

const LINE = /^([\w.]+)\s*[=:]\s*([^\\]*)$/;
const NUMBERED_KEY = /^(server|group|weight)\.(\d{1,19})$/;

const WEIGHT_MAX = 0x7fffffff;
const WEIGHT_DEFAULT = 1;
const ID_MAX = (1n << 63n) - 1n;

/** What the lines so far have said. */
interface Draft {
  readonly keys: Set<string>;
  readonly members: Member[];
  readonly groups: Group[];
  readonly weights: Weight[];
  version: bigint;
}

export function formatEnsemble(ensemble: Ensemble): string {
  const lines = [
    ...ensemble.members.map((member) => `server.${member.id}=${formatServerLine(member)}`),
    ...ensemble.groups.map(({ id, members }) => `group.${id}=${members.join(':')}`),
    ...ensemble.weights.map(({ member, weight }) => `weight.${member}=${weight}`),
    `version=${BigInt.asUintN(64, ensemble.version).toString(16)}`,
  ];
  return lines.join('\n');
}

/** A missing version is 0. Participants that have no weight among groups get their 1 here. */
export function parseEnsemble(text: string): EnsembleOutcome {
  const draft: Draft = { keys: new Set(), members: [], groups: [], weights: [], version: 0n };
  for (const line of text.split(/\r\n|\n|\r/)) {
    const sentence = readLine(draft, line.trim());
    if (sentence !== null) return { kind: 'problem', problem: sentence };
  }
  const sentence = completeDraft(draft);
  if (sentence !== null) return { kind: 'problem', problem: sentence };
  const { members, groups, weights, version } = draft;
  return { kind: 'ensemble', ensemble: { members, groups, weights, version } };
}

/** Problems are sentences here and below, and null is none. */
function readLine(draft: Draft, line: string): string | null {
  if (line === '' || line.startsWith('#') || line.startsWith('!')) return null;
  const [, key = '', value = null] = LINE.exec(line) ?? [];
  if (value === null) return `Nothing can be made of the line ${quoted(line)}.`;
  const [, kind, idText = '0'] = NUMBERED_KEY.exec(key) ?? (key === 'version' ? [key, key] : []);
  const id = BigInt(idText);
  if (kind === undefined || id > ID_MAX) return `The key ${quoted(key)} is none of them.`;
  const name = kind === 'version' ? kind : `${kind}.${id}`;
  if (draft.keys.has(name)) return `${name} is given twice.`;
  draft.keys.add(name);
  if (kind === 'server') return readServer(draft, asServerId(id), value);
  if (kind === 'group') return readGroup(draft, id, value);
  if (kind === 'weight') return readWeight(draft, asServerId(id), value);
  return readVersion(draft, value);
}

function readVersion(draft: Draft, value: string): string | null {
  const version = parseZxid(value);
  if (version === null || version < 0n) return `The version is ${quoted(value)}.`;
  draft.version = version;
  return null;
}

function readServer(draft: Draft, id: ServerId, value: string): string | null {
  const outcome = parseServerLine(id, value);
  if (outcome.kind === 'problem') return outcome.problem;
  draft.members.push(outcome.member);
  return null;
}

function readGroup(draft: Draft, id: bigint, value: string): string | null {
  const members: ServerId[] = [];
  for (const text of value.split(':')) {
    const member = /^\d{1,19}$/.test(text) ? BigInt(text) : ID_MAX + 1n;
    if (member > ID_MAX) return `group.${id} has the member ${quoted(text)}.`;
    members.push(asServerId(member));
  }
  draft.groups.push({ id, members });
  return null;
}

function readWeight(draft: Draft, member: ServerId, value: string): string | null {
  const weight = /^\d{1,10}$/.test(value) ? Number(value) : WEIGHT_MAX + 1;
  if (weight > WEIGHT_MAX) return `weight.${member} is ${quoted(value)}.`;
  draft.weights.push({ member, weight });
  return null;
}

/** What no single line can tell. */
function completeDraft(draft: Draft): string | null {
  const participants = draft.members.filter(({ role }) => role === 'participant');
  if (participants.length === 0) return 'There is no participant in it.';
  if (draft.groups.length === 0 && draft.weights.length === 0) return null;
  const grouped = new Set<ServerId>();
  for (const member of draft.groups.flatMap(({ members }) => members)) {
    if (grouped.has(member)) return `Server ${member} is in two groups.`;
    grouped.add(member);
  }
  const weighed = new Set(draft.weights.map(({ member }) => member));
  for (const { id } of participants) {
    if (!grouped.has(id)) return `Server ${id} is in no group.`;
    if (!weighed.has(id)) draft.weights.push({ member: id, weight: WEIGHT_DEFAULT });
  }
  return null;
}
