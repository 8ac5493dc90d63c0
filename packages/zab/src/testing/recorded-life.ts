/**
 * One server's life in the recordings of Apache's servers: what the others sent it is handed to a
 * `Voting`, and what that says on each connection is kept beside what was recorded. Where the recorded
 * server called, so must ours have wanted to; what a connection did before it was recorded is not
 * known, which is why lives begin with a server's start.
 */
import {
  asServerId,
  asZxid,
  type Ensemble,
  parseEnsemble,
  type ServerAddress,
  type ServerId,
} from '@zabra/wire';
import { ELECTION_TIMES } from '../election/settings.ts';
import { Voting } from '../election/voting.ts';

export interface RecordedMessage {
  readonly tMs: number;
  readonly conn: string;
  readonly from: number;
  readonly to: number;
  readonly kind: string;
  readonly hex: string;
  readonly decoded: { readonly zxid?: string; readonly config?: string };
}

/** The messages of a scenario, in their order. */
export type Recordings = (scenario: string) => readonly RecordedMessage[];

/** What a recording does not show of this server; `atMs` in the time of its scenario. */
export type LifeEvent =
  /** It looks for a leader, with this history. */
  | { readonly atMs: number; readonly zxid: bigint; readonly epoch: bigint }
  /** Another server has died, and the connection to it with it. */
  | { readonly atMs: number; readonly lost: number }
  /** It has stored the configuration it has learnt, and starts over, with this history. */
  | { readonly atMs: number; readonly learns: { readonly zxid: bigint; readonly epoch: bigint } };

export interface LifeChapter {
  readonly scenario: string;
  readonly events?: readonly LifeEvent[];
}

/** What was said on a connection, ours and the recorded server's, in hexadecimal. */
export interface Conversation {
  ours: string;
  recorded: string;
}

/** More than anything waits, so that chapters keep apart. */
const CHAPTER_MS = 100_000;
/** As Apache's servers wait. */
const TIMES = { ...ELECTION_TIMES, settleMs: 200, settlesEarly: false };
const QUORUM_KINDS = new Set(['NEWLEADER', 'UPTODATE']);

export class RecordedLife {
  readonly conversations: Map<string, Conversation> = new Map();
  readonly #recordings: Recordings;
  readonly #id: number;
  readonly #voting: Voting;
  #nowMs = 0;
  #chapterMs = 0;
  readonly #wanted = new Set<number>();
  /** Links are numbered as they appear; `conn` is their name in the recording. */
  readonly #links = new Map<string, number>();
  readonly #peerOf = new Map<string, number>();
  #newEpoch = 0n;
  #newConfig: string | undefined;

  constructor(recordings: Recordings, id: number, scenario: string) {
    this.#recordings = recordings;
    this.#id = id;
    const config = configOf(recordings(scenario), id);
    this.#voting = new Voting(
      { ...TIMES, id: sid(id), reconfigEnabled: scenario.startsWith('reconfig') },
      { addresses: [electionAddress(config, id)], form: 'v1', greetingMs: 5000 },
      config,
      null,
    );
  }

  live(chapter: LifeChapter): void {
    this.#chapterMs += CHAPTER_MS;
    const events = (chapter.events ?? []).map((event) => ({ tMs: event.atMs, event }));
    const messages = this.#recordings(chapter.scenario).map((message) => {
      return { tMs: message.tMs, message };
    });
    // What the recorded server did without being seen precedes what it said of it.
    const all = [...events, ...messages].sort((a, b) => a.tMs - b.tMs);
    for (const happening of all) {
      this.#advance(this.#chapterMs + happening.tMs);
      if ('event' in happening) this.#on(happening.event);
      else this.#hear(happening.message);
      this.#take();
    }
    // Whatever was being decided is decided before the next chapter.
    this.#advance(this.#chapterMs + CHAPTER_MS / 2);
  }

  #on(event: LifeEvent): void {
    if ('lost' in event) {
      this.#lose(event.lost);
    } else if ('learns' in event) {
      const learnt = this.#voting.takeLearnt();
      if (learnt === null || !this.#voting.isHalted) throw new Error('nothing was learnt');
      this.#voting.configure(learnt, null);
      this.#start(event.learns);
    } else {
      this.#start(event);
    }
  }

  #start({ zxid, epoch }: { readonly zxid: bigint; readonly epoch: bigint }): void {
    this.#voting.start({ zxid: asZxid(zxid), currentEpoch: epoch }, this.#nowMs);
  }

  #lose(peer: number): void {
    this.#failCall(peer);
    for (const [conn, link] of this.#links) {
      if (this.#peerOf.get(conn) === peer) this.#voting.closed(link);
    }
  }

  #hear(message: RecordedMessage): void {
    if (message.from !== this.#id && message.to !== this.#id) return;
    if (message.kind === 'initial') this.#open(message);
    if (message.kind === 'initial' || message.kind === 'notification') this.#say(message);
    else if (QUORUM_KINDS.has(message.kind)) this.#onQuorumPacket(message);
  }

  #open({ conn, from, to }: RecordedMessage): void {
    const link = this.#links.size + 1;
    this.#links.set(conn, link);
    this.#peerOf.set(conn, from === this.#id ? to : from);
    this.conversations.set(conn, { ours: '', recorded: '' });
    if (from === this.#id) {
      if (!this.#wanted.delete(to)) throw new Error(`${this.#id} did not want to call ${to}`);
      this.#voting.linkOpened(link, sid(to), this.#nowMs);
    } else {
      // Whoever calls has only begun to listen: calls before that have failed.
      this.#failCall(from);
      this.#voting.linkOpened(link, null, this.#nowMs);
    }
  }

  #failCall(to: number): void {
    if (this.#wanted.delete(to)) this.#voting.dialFailed(sid(to));
  }

  #say({ conn, from, hex }: RecordedMessage): void {
    if (from === this.#id) this.conversations.get(conn)!.recorded += hex;
    else this.#voting.received(this.#links.get(conn)!, bytesOf(hex), this.#nowMs);
  }

  /** What the peer would do about a leader that has established itself. */
  #onQuorumPacket({ kind, decoded }: RecordedMessage): void {
    if (kind === 'NEWLEADER') {
      this.#newEpoch = BigInt(decoded.zxid ?? 0) >> 32n;
      this.#newConfig = decoded.config;
      return;
    }
    const { state, vote } = this.#voting;
    this.#voting.configure(ensembleIn(this.#newConfig ?? ''), null);
    this.#voting.assume(state, { ...vote, peerEpoch: this.#newEpoch });
  }

  #advance(untilMs: number): void {
    for (let at = this.#voting.wakeAt(); at <= untilMs; at = this.#voting.wakeAt()) {
      this.#nowMs = at;
      this.#voting.onTimer(at);
      this.#take();
    }
    this.#nowMs = untilMs;
  }

  #take(): void {
    for (const { link, bytes } of this.#voting.takeOutput()) {
      for (const [conn, number] of this.#links) {
        if (number === link) this.conversations.get(conn)!.ours += hexOf(bytes);
      }
      this.#voting.flushed(link);
    }
    for (const order of this.#voting.takeOrders()) {
      if (order.kind === 'dial') this.#wanted.add(Number(order.to));
    }
    this.#voting.takeDecision();
    this.#voting.takeNotices();
  }
}

/** The configuration with which a server began, from the first vote it sent. */
function configOf(messages: readonly RecordedMessage[], id: number): Ensemble {
  const own = messages.filter(({ from, kind }) => from === id && kind === 'notification');
  return ensembleIn(own[0]?.decoded.config ?? '');
}

function ensembleIn(text: string): Ensemble {
  const outcome = parseEnsemble(text);
  if (outcome.kind === 'problem') throw new Error(outcome.problem);
  return outcome.ensemble;
}

function electionAddress({ members }: Ensemble, id: number): ServerAddress {
  const place = members.find((member) => member.id === sid(id))?.addresses[0];
  if (place === undefined) throw new Error(`${id} is no member`);
  return { host: place.host, port: place.electionPort };
}

function sid(id: number): ServerId {
  return asServerId(BigInt(id));
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
