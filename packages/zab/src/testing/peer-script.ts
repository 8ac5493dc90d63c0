/**
 * Plays scripts of one peer. The election is told its result; the other servers are the script.
 *
 *     server 1 of 1 2 3 log=100000001=a,100000002=b accepted=1 current=1 tickMs=100
 *     found 3, found 3 70               the election has found server 3, or will have in 70 ms
 *     dialed, refused                   its call is answered, or not
 *     leader: LEADERINFO 200000000      the leader says something
 *     call 2, hang up 2                 server 2 opens a link to this one, or closes it
 *     2: FOLLOWERINFO 100000000 server=2        with `times=9`, so often
 *     hold disk, disk 1, release disk   what the disk is told waits; does one thing; does everything
 *     hold archive, release archive     what is read back for learners waits
 *     hold link 2, release link 2       what it is sent does not leave
 *     propose a, flood 3 1000, members 1 2 4, forward a, revalidate 7, touch 2, sync
 *     unbound                           the quorum port cannot be bound
 *     deserted                          those who elected it look for a leader again
 *     advance 100, show, figures         figures that are not 0; of times, how many and their sum
 */
import {
  asServerId,
  type JuteReader,
  JuteWriter,
  PacketType,
  type PeerAddress,
  QuorumPacketScanner,
  JuteReader as Reader,
  type ServerId,
} from '@zabra/wire';
import type { QuorumOrder, QuorumOutput } from '../contract.ts';
import { Peer } from '../peer.ts';
import { PEER_DEFAULTS, type PeerSettings } from '../settings.ts';
import type { Summary } from '../summary.ts';
import { ensembleOf } from './ensembles.ts';
import type { Image } from './fake-disk.ts';
import { SnapshotTaker } from './fake-snapshot.ts';
import type { Oracle } from './oracle-voting.ts';
import {
  membersOf,
  recordOfText,
  sayPacket,
  sayZxid,
  writePacket,
  zxidOfText,
} from './peer-packets.ts';
import { type Command, parseWords, type Words } from './script-file.ts';
import { ScriptKeeper, sayStandpoint } from './script-keeper.ts';

type Verb = (words: Words) => void;

/** A link of the script, with what its other end makes of the bytes. */
interface ScriptLink {
  readonly number: number;
  readonly name: string;
  readonly scanner: QuorumPacketScanner;
  taker: SnapshotTaker | null;
  isHeld: boolean;
  readonly held: QuorumOutput[];
}

const LEADER = 'leader';
const FIRST_LINK = 100;
/** As `ensembleOf` writes it. */
const QUORUM_PORT = 2888;
/** More lines alike are one line. */
const REPEATS_MAX = 3;
const SETTINGS_KEYS = [
  'tickMs',
  'initLimitTicks',
  'syncLimitTicks',
  'recentBytesMax',
  'outstandingBytesMax',
  'catchUpBytesMax',
  'forwardedBytesMax',
  'packetBytesMax',
  'proposalsMax',
  'desertionMs',
  'observerMasterPort',
  'observerBytesMax',
];
const SWITCHES = [
  'reconfigEnabled',
  'forcesSnapshots',
  'truncatesLearners',
  'provesLeadershipAtSync',
];

export class PeerScript implements Oracle {
  #keeper!: ScriptKeeper;
  #found: { leader: ServerId; waitMs: number } | null = null;
  isDeserted = false;
  #nowMs = 0;
  #dial = -1;
  #links = new Map<number, ScriptLink>();
  #nextLink = FIRST_LINK;
  readonly #reader: JuteReader = new Reader();
  readonly #said: string[] = [];
  readonly #verbs: ReadonlyMap<string, Verb> = new Map<string, Verb>([
    ['server', (words) => this.#makeServer(words)],
    ['found', ({ list }) => this.#find(list[1] ?? '', Number(list[2] ?? 0))],
    ['dialed', () => this.#answerDial(true)],
    ['refused', () => this.#answerDial(false)],
    ['call', ({ list }) => this.#call(list[1] ?? '')],
    ['hang', ({ list }) => this.#hangUp(list[2] ?? '')],
    ['hold', ({ list }) => this.#hold(list, true)],
    ['release', ({ list }) => this.#hold(list, false)],
    ['disk', ({ list }) => void this.#keeper.doDisk(Number(list[1] ?? 1))],
    ['purge', ({ list }) => this.#keeper.disk.clearAway(Number(list[1]))],
    ['ready', () => this.#keeper.peer.readyToLead()],
    ['propose', ({ list }) => this.#propose(list.slice(1))],
    ['flood', ({ list }) => this.#flood(Number(list[1]), Number(list[2]))],
    ['unbound', () => this.#keeper.peer.listenFailed('it is taken')],
    ['deserted', () => this.#desert()],
    ['members', (words) => this.#proposeMembers(words)],
    ['forward', ({ list }) => this.#forward(list.slice(1).join(' '))],
    ['revalidate', ({ list }) => this.#revalidate(Number(list[1]))],
    ['touch', ({ list }) => this.#keeper.touch(Number(list[1]))],
    ['sync', () => this.#keeper.sync()],
    ['advance', ({ list }) => this.#advance(Number(list[1]))],
    ['show', () => this.#show()],
    ['figures', () => this.#showFigures()],
  ]);

  /** Once only: who loses its leader looks until somebody is found again. */
  leaderFor(): { leader: ServerId; waitMs: number } | null {
    const found = this.#found;
    this.#found = null;
    return found;
  }

  /** What a command says. */
  run(command: Command): string[] {
    const [, who, text = ''] = /^(?:(\d+|leader): )?(.*)$/s.exec(command.text) ?? [];
    const words = parseWords(text);
    if (who !== undefined) this.#receive(who, words);
    else {
      const verb = this.#verbs.get(words.list[0] ?? '');
      if (verb === undefined) throw new Error(`${text} is no command`);
      verb(words);
    }
    this.#settle();
    return collapsed(this.#said.splice(0));
  }

  // The server.

  #makeServer({ list, options }: Words): void {
    this.#nowMs = 0;
    this.#found = null;
    this.isDeserted = false;
    this.#links.clear();
    const id = asServerId(BigInt(list[1]!));
    const image = imageOf({ list: list.slice(3), options });
    this.#keeper = new ScriptKeeper(image);
    const { accepted, current, committed, next } = image;
    this.#keeper.peer = new Peer(
      settingsOf(id, options),
      { journal: this.#keeper, archive: this.#keeper, service: this.#keeper },
      {
        acceptedEpoch: accepted,
        currentEpoch: current,
        lastZxid: zxidOfText(options.get('last') ?? lastOf(image)),
        committed,
        next,
      },
    );
  }

  #desert(): void {
    this.isDeserted = true;
  }

  #find(id: string, waitMs: number): void {
    this.#found = { leader: asServerId(BigInt(id)), waitMs };
  }

  #advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    const { peer } = this.#keeper;
    for (let atMs = peer.wakeAt(); atMs <= untilMs; atMs = peer.wakeAt()) {
      this.#nowMs = Math.max(this.#nowMs, atMs);
      const before = this.#said.length;
      this.#settle();
      for (let i = before; i < this.#said.length; i += 1) {
        this.#said[i] = `${this.#nowMs} ms: ${this.#said[i]}`;
      }
    }
    this.#nowMs = untilMs;
  }

  #show(): void {
    const { standpoint, acceptedEpoch, currentEpoch, lastZxid, outstanding, learners } =
      this.#keeper.peer.status;
    this.#said.push(
      `${sayStandpoint(standpoint)}; accepted ${acceptedEpoch}, current ${currentEpoch}, ` +
        `last ${sayZxid(lastZxid)}, ${outstanding} outstanding`,
    );
    for (const { id, isObserver, isVoter, isInStep, lag } of learners ?? []) {
      const kind = isObserver ? 'observer' : isVoter ? 'voter' : 'no voter';
      this.#said.push(`${id}: ${kind}, ${isInStep ? 'in step' : 'not in step'}, lag ${lag}`);
    }
  }

  #showFigures(): void {
    const figures = Object.entries(this.#keeper.peer.figures)
      .map(([name, one]: [string, number | Summary]) =>
        typeof one === 'number' ? { name, count: one, said: `${one}` } : sayTimes(name, one),
      )
      .filter(({ count }) => count > 0);
    this.#said.push(figures.map(({ name, said }) => `${name} ${said}`).join(', '));
  }

  // What is handed in.

  #answerDial(isOpen: boolean): void {
    const { peer } = this.#keeper;
    peer.begin(this.#nowMs);
    if (isOpen) peer.dialed(this.#dial, this.#open(LEADER).number);
    else peer.dialFailed(this.#dial);
  }

  #call(name: string): void {
    this.#keeper.peer.begin(this.#nowMs);
    this.#keeper.peer.quorumOpened(this.#open(name).number);
  }

  #open(name: string): ScriptLink {
    const link: ScriptLink = {
      number: this.#nextLink,
      name,
      scanner: new QuorumPacketScanner(),
      taker: null,
      isHeld: false,
      held: [],
    };
    this.#nextLink += 1;
    this.#links.set(link.number, link);
    return link;
  }

  /** The newest of that name. */
  #linkOf(name: string): ScriptLink {
    const link = [...this.#links.values()].findLast((one) => one.name === name);
    if (link === undefined) throw new Error(`there is no link of ${name}`);
    return link;
  }

  #hangUp(name: string): void {
    const { number } = this.#linkOf(name);
    this.#links.delete(number);
    this.#keeper.peer.begin(this.#nowMs);
    this.#keeper.peer.quorumClosed(number);
  }

  #receive(name: string, words: Words): void {
    const writer = new JuteWriter();
    const times = Number(words.options.get('times') ?? 1);
    for (let i = 0; i < times; i += 1) writePacket(writer, words);
    this.#keeper.peer.begin(this.#nowMs);
    this.#keeper.peer.quorumReceived(this.#linkOf(name).number, writer.finish());
  }

  #hold([, what, name = '']: readonly string[], isHeld: boolean): void {
    if (what === 'disk') this.#keeper.isDiskHeld = isHeld;
    else if (what === 'archive') this.#keeper.isArchiveHeld = isHeld;
    else if (what === 'ready') this.#keeper.isReadyHeld = isHeld;
    else {
      const link = this.#linkOf(name);
      link.isHeld = isHeld;
      if (!isHeld) for (const output of link.held.splice(0)) this.#keeper.peer.recycle(output);
    }
  }

  /** So many records of so many bytes. */
  #flood(count: number, byteCount: number): void {
    this.#keeper.peer.begin(this.#nowMs);
    this.#propose(new Array<string>(count).fill('.'.repeat(byteCount)));
  }

  #propose(texts: readonly string[]): void {
    for (const text of texts) {
      if (this.#keeper.peer.canPropose) this.#keeper.propose(text);
      else this.#said.push('refused');
    }
  }

  #proposeMembers(words: Words): void {
    const { peer } = this.#keeper;
    const members = ensembleOf(membersOf(words, 1));
    if (peer.configurations.next !== null) this.#said.push('refused: another is on its way');
    else if (!peer.hasQuorumOf(members)) this.#said.push('refused: they are not here');
    else this.#keeper.propose(sayWords(words));
  }

  #forward(text: string): void {
    const { peer } = this.#keeper;
    if (!peer.canForward) {
      this.#said.push('refused');
      return;
    }
    const body = new TextEncoder().encode(text);
    const authinfo = new Uint8Array([0xff, 0xff, 0xff, 0xff]);
    peer.forward(0, 1, 1, 1, body, new DataView(body.buffer), 0, body.length, authinfo);
  }

  #revalidate(sessionLow: number): void {
    this.#keeper.peer.revalidate({ sessionHigh: 0, sessionLow, timeoutMs: 1000 });
  }

  // What is handed out.

  #settle(): void {
    const keeper = this.#keeper;
    let hasSent = false;
    do {
      keeper.peer.begin(this.#nowMs);
      keeper.peer.turn();
      for (const line of keeper.said.splice(0)) this.#said.push(line);
      const outputs = keeper.peer.takeQuorum();
      for (const output of outputs) this.#take(output);
      // What has left makes room for more.
      hasSent = outputs.length > 0;
      for (const order of keeper.peer.takeQuorumOrders()) this.#perform(order);
      for (const { text, facts } of keeper.peer.takeNotices()) {
        this.#said.push(`notice: ${[text, ...Object.values(facts)].join(', ')}`);
      }
    } while (keeper.settle() || hasSent);
  }

  #take(output: QuorumOutput): void {
    const link = this.#links.get(output.link);
    if (link === undefined) return;
    for (const piece of output.pieces) {
      link.scanner.push(piece);
      for (let step = link.scanner.next(); step !== 'more'; step = link.scanner.next()) {
        if (step === 'snapshot') this.#sayPiece(link);
        else this.#sayPacketTo(link);
      }
    }
    if (link.isHeld) link.held.push(output);
    else this.#keeper.peer.recycle(output);
  }

  #sayPacketTo(link: ScriptLink): void {
    const { packet } = link.scanner;
    this.#said.push(`to ${link.name}: ${sayPacket(packet, this.#reader)}`);
    if (packet.type !== PacketType.Snap) return;
    link.taker = new SnapshotTaker();
    link.scanner.beginSnapshot();
  }

  #sayPiece(link: ScriptLink): void {
    const step = link.taker!.take(link.scanner.piece);
    if (typeof step !== 'object') return;
    link.scanner.endSnapshot(step.byteCount);
    this.#said.push(`to ${link.name}: a snapshot with ${link.taker!.records.length} records`);
  }

  #perform(order: QuorumOrder): void {
    switch (order.kind) {
      case 'dial':
        this.#dial = order.dial;
        this.#said.push(`dial ${order.id} at ${order.addresses.map(placeOf).join()}`);
        return;
      case 'close':
        this.#said.push(`close ${this.#links.get(order.link)?.name ?? 'a link'}`);
        this.#links.delete(order.link);
        return;
      case 'pause':
      case 'resume':
        this.#said.push(
          `${this.#links.get(order.link)!.name} is ${order.kind === 'pause' ? 'not read' : 'read again'}`,
        );
        return;
      case 'hangUp':
        this.#said.push('hang up');
        return;
      case 'listen':
        this.#said.push('listen');
        return;
      case 'listenToObservers':
        this.#said.push('listen to observers');
        return;
      case 'stopListeningToObservers':
        this.#said.push('stop listening to observers');
        return;
      default:
        this.#said.push('stop listening');
    }
  }
}

/** The port is said where it is that for observers. */
function placeOf({ host, quorumPort }: PeerAddress): string {
  return quorumPort === QUORUM_PORT ? host : `${host}:${quorumPort}`;
}

/** What is said many times in a row is said once. */
function collapsed(lines: readonly string[]): string[] {
  const said: string[] = [];
  for (let start = 0; start < lines.length; ) {
    const line = lines[start]!;
    let end = start;
    while (lines[end] === line) end += 1;
    const isMany = end - start > REPEATS_MAX;
    said.push(...(isMany ? [`${line} (${end - start} times)`] : lines.slice(start, end)));
    start = end;
  }
  return said;
}

function sayWords({ list, options }: Words): string {
  return [...list, ...[...options].map(([key, value]) => `${key}=${value}`)].join(' ');
}

function imageOf(words: Words): Image {
  const { options } = words;
  const log = options.get('log') ?? '';
  const records = log === '' ? [] : log.split(',').map(recordOfText);
  const snapshot = options.get('snapshot');
  const logStart = Number(options.get('logStart') ?? 0);
  const snapshots = snapshot === undefined ? [] : [{ zxid: zxidOfText(snapshot), count: logStart }];
  const nextText = options.get('next');
  return {
    records,
    logStart,
    snapshots,
    accepted: Number(options.get('accepted') ?? 0),
    current: Number(options.get('current') ?? 0),
    committed: ensembleOf(words),
    next: nextText === undefined ? null : ensembleOf(nextText),
  };
}

function lastOf({ records, snapshots }: Image): string {
  return (records.at(-1)?.zxid ?? snapshots.at(-1)?.zxid ?? 0n).toString(16);
}

function settingsOf(id: ServerId, options: ReadonlyMap<string, string>): PeerSettings {
  const chosen: Record<string, number | boolean> = {};
  for (const key of SETTINGS_KEYS) if (options.has(key)) chosen[key] = Number(options.get(key));
  for (const key of SWITCHES) if (options.has(key)) chosen[key] = options.get(key) === 'true';
  return {
    ...PEER_DEFAULTS,
    id,
    tickMs: 1000,
    provesLeadershipAtSync: false,
    links: { addresses: [], form: 'v1', greetingMs: 1000 },
    observerSyncsMax: {
      diff: Number(options.get('observerDiffs') ?? 100),
      snap: Number(options.get('observerSnaps') ?? 10),
    },
    ...chosen,
  };
}

function sayTimes(
  name: string,
  { count, sum }: Summary,
): { name: string; count: number; said: string } {
  return { name, count, said: `${count} of ${sum} ms` };
}
