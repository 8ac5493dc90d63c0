/**
 * Plays scripts of an ensemble: several minds in one process. After every command all come to rest,
 * but for disks that are held; what left for clients until then is what the command says.
 *
 *     ensemble 3 observer=4            servers 1 to 3, and 4 to watch
 *     join 5                           another one, that only its own files call a member
 *     relist 1 4                       the files of server 1 name server 4 as well
 *     wait                             until all who can reach a quorum serve; then who is what
 *     open alice at=1                  a connection to server 1, and a session
 *     drain 3, idle 3, leave 3         it takes nothing more in; whether it is done; it goes
 *     crash 2, start 2, partition 1|2 3, mend, hold disk 2, release disk 2
 *     fail disk 2                      a promise cannot be kept
 *     tear 2 40                        of what 2 is sent, 40 bytes come; then the wire breaks
 *     wall 2 3600000                   the wall clock of 2 is so far ahead
 *     told 2                           what its disk was told since this was last asked
 */
import { asServerId, type Ensemble, encodeUtf8, type Member } from '@zabra/wire';
import { PEER_DEFAULTS } from '@zabra/zab';
import { MemberBody } from './member-body.ts';
import { MemberDisk } from './member-disk.ts';
import { MemberNet } from './member-net.ts';
import { type ScriptClient, SessionBook } from './script-client.ts';
import { type Command, parseWords, type Words } from './script-file.ts';
import { parseRequest } from './script-requests.ts';
import { scriptSettings } from './script-settings.ts';

type Verb = (words: Words) => string[] | undefined;

const START_MS = 10_500;
const ROUNDS_MAX = 100_000;
const WAIT_MS_MAX = 120_000;
/** What is due within this is waited for. */
const MOMENT_MS = 0.5;
const XIDS_PER_CONNECTION = 1000;
const INSTANT_MS = 0.01;
/** How long what is sent is on its way: whoever answers at once would else do so for ever. */
const WIRE_MS = 0.1;
const NO_PASSWORD = new Uint8Array(16);
const OWN_OPTIONS: readonly string[] = [
  'observer',
  'truncates',
  'recentBytesMax',
  'catchUpBytesMax',
  'forwardedBytesMax',
  'leaderServes',
  'observerMasterPort',
];

export class EnsembleScript {
  readonly #bodies = new Map<number, MemberBody>();
  readonly #disks = new Map<number, MemberDisk>();
  #net = new MemberNet(this.#bodies);
  #book = new SessionBook();
  #ensemble!: Ensemble;
  #settings: Words['options'] = new Map();
  #nowMs = START_MS;
  #xid = 0;
  readonly #verbs: ReadonlyMap<string, Verb> = new Map<string, Verb>([
    ['ensemble', (words) => void this.#make(words)],
    ['join', (words) => void this.#join(words)],
    ['relist', ({ list }) => void this.#relist(Number(list[1]), Number(list[2]))],
    ['wait', () => this.#wait()],
    ['advance', ({ list }) => void this.#advance(Number(list[1]))],
    ['open', (words) => void this.#greet(this.#connect(words), words)],
    ['connect', (words) => void this.#connect(words)],
    ['disconnect', ({ list }) => void this.#bodyOf(list[1] ?? '').disconnect(list[1] ?? '')],
    ['word', (words) => void this.#sayWord(words)],
    ['crash', ({ list }) => void list.slice(1).map((id) => this.#crash(Number(id)))],
    ['start', ({ list }) => void list.slice(1).map((id) => this.#start(Number(id)))],
    ['drain', ({ list }) => void this.#body(Number(list[1])).replica.drain()],
    ['idle', ({ list }) => this.#sayIdle(Number(list[1]))],
    ['leave', ({ list }) => void this.#body(Number(list[1])).replica.leave()],
    ['wipe', ({ list }) => void this.#disks.get(Number(list[1]))!.wipe()],
    ['partition', (words) => void this.#net.partition(sidesIn(words))],
    ['mend', () => void this.#net.mend()],
    ['hold', ({ list }) => void this.#hold(list, true)],
    ['release', ({ list }) => void this.#hold(list, false)],
    ['fail', ({ list }) => void this.#body(Number(list[2])).replica.diskFailed('it is broken')],
    ['tear', ({ list }) => void this.#net.tear(Number(list[1]), Number(list[2]))],
    ['wall', ({ list }) => void this.#setWall(Number(list[1]), Number(list[2]))],
    ['told', ({ list }) => this.#disks.get(Number(list[1]))!.takeTold()],
    ['snapshot', ({ list }) => void this.#body(Number(list[1])).replica.snapshotNow()],
    ['roles', () => this.#roles()],
    ['notices', ({ list }) => this.#body(Number(list[1])).takeNotices()],
  ]);

  run(command: Command): string[] {
    const [, who, text = ''] = /^(?:(\w+): )?(.*)$/s.exec(command.text) ?? [];
    const words = parseWords(text);
    for (const body of this.#bodies.values()) body.begin(this.#nowMs);
    let said: string[] = [];
    if (who === undefined) said = this.#verb(words.list[0] ?? '')(words) ?? [];
    else if (words.list[0] === 'hello') this.#greet(this.#client(who), words);
    else if (words.list[0] === 'pipeline') this.#pipeline(who, command.parts);
    else this.#send(who, this.#request(who, words));
    this.#settle();
    return [...said, ...this.#takeSaid()];
  }

  #verb(name: string): Verb {
    const verb = this.#verbs.get(name);
    if (verb === undefined) throw new Error(`${name} is no command`);
    return verb;
  }

  // Servers.

  #make({ list, options }: Words): void {
    const voters = Array.from({ length: Number(list[1]) }, (_, i) => i + 1);
    const observers = (options.get('observer') ?? '').split(',').filter((id) => id !== '');
    this.#settings = options;
    this.#ensemble = {
      members: [
        ...voters.map((id) => memberOf(id, 'participant')),
        ...observers.map((id) => memberOf(Number(id), 'observer')),
      ],
      groups: [],
      weights: [],
      version: 0n,
    };
    for (const { id } of this.#ensemble.members) {
      this.#disks.set(Number(id), new MemberDisk(this.#ensemble));
      this.#start(Number(id));
    }
  }

  /** As an operator would: its list is that of the others as they began, and itself. */
  #join({ list }: Words): void {
    const id = Number(list[1]);
    const role = list.includes('observer') ? 'observer' : 'participant';
    const members = [...this.#ensemble.members.filter((one) => Number(one.id) !== id)];
    const known = { ...this.#ensemble, members: [...members, memberOf(id, role)] };
    this.#disks.set(id, new MemberDisk(known));
    this.#start(id);
  }

  #relist(id: number, other: number): void {
    const members = [...this.#ensemble.members, memberOf(other, 'participant')];
    this.#disks.get(id)!.relist({ ...this.#ensemble, members });
  }

  #start(id: number): void {
    const own = new Map([...this.#settings].filter(([key]) => !OWN_OPTIONS.includes(key)));
    const settings = { ...scriptSettings(own), serverId: id };
    const peer = {
      ...PEER_DEFAULTS,
      id: asServerId(BigInt(id)),
      tickMs: settings.tickMs,
      recentBytesMax: Number(this.#settings.get('recentBytesMax') ?? PEER_DEFAULTS.recentBytesMax),
      catchUpBytesMax: Number(
        this.#settings.get('catchUpBytesMax') ?? PEER_DEFAULTS.catchUpBytesMax,
      ),
      forwardedBytesMax: Number(
        this.#settings.get('forwardedBytesMax') ?? PEER_DEFAULTS.forwardedBytesMax,
      ),
      reconfigEnabled: settings.tree.reconfigEnabled,
      truncatesLearners: this.#settings.get('truncates') === 'true',
      observerMasterPort: Number(this.#settings.get('observerMasterPort') ?? 0),
      links: {
        addresses: [{ host: `s${id}`, port: 3888 }],
        form: 'v1' as const,
        greetingMs: 5000,
      },
    };
    const membership = { peer, leaderServes: this.#settings.get('leaderServes') !== 'false' };
    const disk = this.#disks.get(id)!;
    this.#bodies.set(id, new MemberBody(id, settings, membership, disk, this.#nowMs));
  }

  #crash(id: number): void {
    for (const name of this.#body(id).clients.keys()) this.#lost.push(`${name} is cut off`);
    this.#bodies.delete(id);
    this.#disks.get(id)!.drop();
    this.#net.leave(id);
  }

  #lost: string[] = [];

  #hold(list: readonly string[], isHeld: boolean): void {
    for (const id of list.slice(2)) this.#body(Number(id)).isDiskHeld = isHeld;
  }

  #setWall(id: number, aheadMs: number): void {
    const body = this.#body(id);
    body.wallAheadMs = aheadMs;
    body.begin(this.#nowMs);
  }

  #sayIdle(id: number): string[] {
    return [`${id} ${this.#body(id).replica.isIdle ? 'is done' : 'has work under way'}`];
  }

  #body(id: number): MemberBody {
    const body = this.#bodies.get(id);
    if (body === undefined) throw new Error(`server ${id} does not run`);
    return body;
  }

  #roles(): string[] {
    return [...this.#bodies.values()]
      .sort((one, other) => one.id - other.id)
      .map(({ id, door, replica }) => {
        const { standpoint } = door;
        const zxid = `zxid 0x${replica.lastZxid.toString(16)}`;
        if (standpoint.role === 'looking') return `${id} is looking, ${zxid}`;
        const state = standpoint.isServing ? 'serves' : 'does not serve';
        const leader = standpoint.role === 'leading' ? '' : ` ${standpoint.leader}`;
        return `${id} is ${standpoint.role}${leader} in epoch ${standpoint.epoch}, ${state}, ${zxid}`;
      });
  }

  // Time.

  #settle(): void {
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      let isMoving = this.#net.deliver(this.#nowMs);
      if (isMoving) this.#nowMs += WIRE_MS;
      for (const body of this.#bodies.values()) {
        body.begin(this.#nowMs);
        if (body.answerDisk()) isMoving = true;
        body.turn();
        this.#net.collect(body);
        if (body.hasDiskWork) isMoving = true;
      }
      if (isMoving || this.#net.isBusy) continue;
      const next = this.#nextDueMs();
      if (next > this.#nowMs + MOMENT_MS) return;
      // What is due at once takes a moment, too.
      this.#nowMs = Math.max(this.#nowMs + INSTANT_MS, next);
    }
    throw new Error('the minds do not come to rest');
  }

  #nextDueMs(): number {
    return Math.min(...[...this.#bodies.values()].map(({ replica }) => replica.wakeAt()));
  }

  #advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs;
    for (;;) {
      const next = this.#nextDueMs();
      if (next > untilMs) break;
      this.#nowMs = Math.max(this.#nowMs, next);
      this.#settle();
    }
    this.#nowMs = untilMs;
    this.#settle();
  }

  /** Until whoever can serve does, and for a moment more. */
  #wait(): string[] {
    const untilMs = this.#nowMs + WAIT_MS_MAX;
    this.#advance(500);
    while (this.#nowMs < untilMs && !this.#isInOrder()) this.#advance(500);
    return this.#roles();
  }

  #isInOrder(): boolean {
    const standpoints = [...this.#bodies.values()].map(({ door }) => door.standpoint);
    const leaders = standpoints.filter(({ role }) => role === 'leading');
    const serve = standpoints.every((one) => one.role !== 'looking' && one.isServing);
    return serve && leaders.length === 1;
  }

  // Clients.

  #connect({ list, options }: Words): ScriptClient {
    // A client that comes back goes on counting; servers tell its requests apart by that.
    this.#xid += XIDS_PER_CONNECTION;
    const body = this.#body(Number(options.get('at') ?? 1));
    return body.connect(list[1] ?? '', this.#book, this.#xid);
  }

  /** `word mntr at=1 rows=zk_learners,zk_sum`: only rows that begin like these. */
  #sayWord({ list, options }: Words): void {
    const client = this.#connect({ list: ['connect', 'word'], options });
    client.isWord = true;
    client.wantedRows = options.get('rows')?.split(',') ?? [];
    this.#bodyOf('word').replica.received(client.id, encodeUtf8(list[1] ?? ''));
  }

  /** `reads` says that a server which only reads will do. */
  #greet(client: ScriptClient, { list, options }: Words): void {
    const known = this.#book.of(options.get('session') ?? '');
    const hello = client.hello({
      timeoutMs: Number(options.get('timeout') ?? 10_000),
      zxidSeen: BigInt(options.get('zxid') ?? 0),
      session: known?.session ?? 0n,
      password: known?.password ?? NO_PASSWORD,
      canBeReadOnly: list.includes('reads'),
    });
    const more = options.get('and');
    const chunks =
      more === undefined ? [hello] : [hello, this.#request(client.name, parseWords(more))];
    this.#send(client.name, Uint8Array.from(chunks.flatMap((chunk) => [...chunk])));
  }

  #pipeline(who: string, parts: readonly string[]): void {
    const chunks = parts.map((part) => this.#request(who, parseWords(part)));
    this.#send(who, Uint8Array.from(chunks.flatMap((chunk) => [...chunk])));
  }

  #request(who: string, words: Words): Uint8Array {
    const request = parseRequest(words);
    if (request === undefined) throw new Error(`${words.list.join(' ')} is no request`);
    return this.#client(who).ask(request);
  }

  #send(who: string, bytes: Uint8Array): void {
    this.#bodyOf(who).replica.received(this.#client(who).id, bytes);
  }

  #client(name: string): ScriptClient {
    return this.#bodyOf(name).clients.get(name)!;
  }

  #bodyOf(client: string): MemberBody {
    for (const body of this.#bodies.values()) if (body.clients.has(client)) return body;
    throw new Error(`${client} is not connected`);
  }

  #takeSaid(): string[] {
    const lost = this.#lost;
    this.#lost = [];
    return [...lost, ...[...this.#bodies.values()].flatMap((body) => body.takeSaid())];
  }
}

/** `1|2 3` after the command. */
function sidesIn({ list }: Words): number[][] {
  const text = list.slice(1).join(' ');
  return text.split('|').map((side) => side.trim().split(' ').map(Number));
}

function memberOf(id: number, role: Member['role']): Member {
  return {
    id: asServerId(BigInt(id)),
    role,
    addresses: [{ host: `s${id}`, quorumPort: 2888, electionPort: 3888 }],
    client: null,
    secureClient: null,
  };
}
