/**
 * Who the members are, as the log has it, and what a request for others must lead to: the rules of
 * reconfig by the plainest means. Whether a quorum of the new members was at hand, and whether another
 * change was under way, is not in the log; a refusal for either is taken as it is.
 */
import {
  asServerId,
  decodeUtf8,
  type Ensemble,
  ErrorCode,
  type Member,
  Opcode,
  parseEnsemble,
  parseServerLine,
  type ReconfigRequest,
  type Transaction,
} from '@zabra/wire';
import type { Upheld } from './ensemble/known.ts';

const ANY_VERSION = -1n;
const PATH = '/zookeeper/config';
const COUNTER_MASK = 0xffffffffn;

export class ModelMembers {
  readonly #votersMin: number;
  readonly #upheld: Upheld[];
  #ensemble: Ensemble;
  /** Null before the first change: the version is that of some epoch then. */
  #changedAt: bigint | null = null;

  /** `upheld`: what no record of the log has made; each from the beginning of a term on, in order. */
  constructor(founders: Ensemble, votersMin: number, upheld: readonly Upheld[]) {
    this.#ensemble = founders;
    this.#votersMin = votersMin;
    this.#upheld = [...upheld];
  }

  /** A transaction of that term comes next. */
  enter(epoch: number): void {
    for (let next = this.#upheld[0]; next !== undefined; next = this.#upheld[0]) {
      if (next.epoch > epoch) return;
      this.#upheld.shift();
      this.#ensemble = next.ensemble;
      this.#changedAt = next.ensemble.version;
    }
  }

  /** A sentence where the log says otherwise than the rules, else null. */
  judge(request: ReconfigRequest, { header, record }: Transaction): string | null {
    const about = `transaction ${header.zxid}`;
    const wanted = this.#outcomeOf(request, header.zxid);
    if (record.type === Opcode.Error) {
      const { err } = record.body;
      if (err === wanted || this.#isUnderWay(err, header.zxid)) return null;
      if (typeof wanted !== 'number' && err === ErrorCode.NewConfigNoQuorum) return null;
      return `${about} refuses other members with ${err} and should with ${words(wanted)}`;
    }
    if (record.type !== Opcode.Reconfig) return `${about} is no change of members, and should be`;
    const { path, data, version } = record.body;
    if (path !== PATH || version !== -1) return `${about} writes version ${version} of ${path}`;
    const found = words(ensembleIn(data));
    return found === words(wanted) ? null : `${about} makes ${found} of ${words(wanted)}`;
  }

  apply({ header, record }: Transaction): void {
    if (record.type !== Opcode.Reconfig) return;
    const ensemble = ensembleIn(record.body.data);
    if (ensemble !== null) this.#ensemble = ensemble;
    this.#changedAt = header.zxid;
  }

  /** Only in the term that has begun it, and not before anything has changed. */
  #isUnderWay(err: number, zxid: bigint): boolean {
    if (err !== ErrorCode.ReconfigInProgress || this.#changedAt === null) return false;
    return this.#changedAt >> 32n === zxid >> 32n;
  }

  /** The code with which it must be refused, or the members there must be. */
  #outcomeOf(request: ReconfigRequest, zxid: bigint): Ensemble | number {
    if (!this.#isVersion(request.curConfigId)) return ErrorCode.BadVersion;
    const plan = request.newMembers === null ? this.#changed(request) : listIn(request.newMembers);
    const voters = plan?.members.filter(({ role }) => role === 'participant') ?? [];
    if (plan === null || voters.length < this.#votersMin) return ErrorCode.BadArguments;
    const members = [...plan.members].sort((one, other) => (one.id < other.id ? -1 : 1));
    return { ...plan, members, version: zxid };
  }

  #isVersion(version: bigint): boolean {
    if (version === ANY_VERSION) return true;
    if (this.#changedAt !== null) return version === this.#changedAt;
    return (version & COUNTER_MASK) === 0n;
  }

  #changed({ leavingServers, joiningServers }: ReconfigRequest): Ensemble | null {
    if (this.#ensemble.groups.length > 0) return null;
    const members = new Map(this.#ensemble.members.map((member) => [member.id, member]));
    for (const id of listed(leavingServers)) members.delete(asServerId(BigInt(id)));
    for (const text of listed(joiningServers)) {
      const member = memberIn(text);
      if (member === null) return null;
      members.set(member.id, member);
    }
    return { ...this.#ensemble, members: [...members.values()] };
  }
}

function listed(text: string | null): string[] {
  return text === null || text === '' ? [] : text.split(',');
}

function memberIn(text: string): Member | null {
  const [key = '', line = ''] = text.split('=');
  const id = asServerId(BigInt(key.slice('server.'.length)));
  const outcome = parseServerLine(id, line);
  return outcome.kind === 'member' ? outcome.member : null;
}

function listIn(text: string): Ensemble | null {
  const outcome = parseEnsemble(text.replaceAll(',', '\n'));
  return outcome.kind === 'ensemble' ? outcome.ensemble : null;
}

function ensembleIn(data: Uint8Array | null): Ensemble | null {
  return data === null ? null : listIn(decodeUtf8(data));
}

/** Everything that makes a configuration what it is. */
function words(outcome: Ensemble | number | null): string {
  if (outcome === null) return 'nothing';
  if (typeof outcome === 'number') return `${outcome}`;
  const { members, groups, weights, version } = outcome;
  const lines = members.map(({ id, role, addresses, client }) => {
    const places = addresses.map(({ host, quorumPort, electionPort }) => {
      return `${host} ${quorumPort} ${electionPort}`;
    });
    return `${id} ${role} ${places.join(' or ')} ${client?.host} ${client?.port}`;
  });
  const shares = groups.map(({ members: ids }) => ids.join(' '));
  const counts = weights.map(({ member, weight }) => `${member} ${weight}`);
  return [...lines, ...shares, ...counts, `of ${version}`].join(', ');
}
