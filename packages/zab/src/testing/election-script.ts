/**
 * Plays scripts of elections: one server's election, whose messages come from the script and go into
 * the trace.
 *
 *     server 1 of 1 2 3 observers=4        the election of server 1 of this ensemble
 *     next 1 2 3 5 version=200             a configuration that was proposed
 *     start zxid=100000001 epoch=1         it begins to look
 *     2: looking 2 zxid=5 round=1 epoch=0  a message from 2, who votes for 2
 *     advance 200                          time goes by; what happens is stamped
 *     blocked, open                        whether what is sent leaves
 *     lost 3, found 3                      whether a server can be reached at all
 *     assume leading 1 zxid=0 round=1 epoch=1
 *     show
 *     quorum 1 2                           whether they are one
 */
import {
  asServerId,
  asZxid,
  type Ensemble,
  formatEnsemble,
  formatZxid,
  NO_SERVER,
  NOTIFICATION_VERSION,
  type Notification,
  PeerState,
  type ServerId,
} from '@zabra/wire';
import { Election, type ElectionPost } from '../election/election.ts';
import { Notices } from '../election/notices.ts';
import { ELECTION_TIMES } from '../election/settings.ts';
import { NO_EPOCH, NO_ZXID, type Vote } from '../election/vote.ts';
import { jointQuorumOf } from '../quorum/ensemble-quorum.ts';
import { ensembleOf } from './ensembles.ts';
import { type Command, parseWords, type Words } from './script-file.ts';

/** How long it must be quiet in a script. */
const QUIET_MS = 200;

type Verb = (words: Words) => void;

const states: ReadonlyMap<string, PeerState> = new Map([
  ['looking', PeerState.Looking],
  ['following', PeerState.Following],
  ['leading', PeerState.Leading],
  ['observing', PeerState.Observing],
]);

export class ElectionScript implements ElectionPost {
  hasDelivered = true;
  readonly #outOfReach = new Set<ServerId>();
  #committed = ensembleOf('1 2 3');
  #next: Ensemble | null = null;
  #election: Election | null = null;
  #nowMs = 0;
  #said: { readonly to: string | null; readonly text: string }[] = [];
  readonly #verbs: ReadonlyMap<string, Verb> = new Map<string, Verb>([
    ['server', (words) => this.#makeServer(words)],
    ['next', (words) => this.#setNext(words)],
    ['configured', (words) => this.#configure(words)],
    ['start', ({ options }) => this.#server.start(historyOf(options), this.#nowMs)],
    ['advance', ({ list }) => this.#advance(Number(list[1]))],
    ['blocked', () => this.#open(false)],
    ['open', () => this.#open(true)],
    ['lost', ({ list }) => this.#lose(list.slice(1))],
    ['found', ({ list }) => list.slice(1).map((id) => this.#outOfReach.delete(idOf(id)))],
    ['assume', ({ list, options }) => this.#assume(list, options)],
    ['show', () => this.#show()],
    ['quorum', ({ list }) => this.#askQuorum(list.slice(1))],
  ]);

  run(command: Command): string[] {
    const [, who, text = ''] = /^(?:(\d+): )?(.*)$/s.exec(command.text) ?? [];
    const words = parseWords(text);
    if (who !== undefined) {
      this.#server.onNotification(idOf(who), this.#messageOf(words), this.#nowMs);
    } else {
      const verb = this.#verbs.get(words.list[0] ?? '');
      if (verb === undefined) throw new Error(`${text} is no command`);
      verb(words);
    }
    this.#sayOutcome();
    return this.#takeSaid();
  }

  // The election's post.

  send(to: ServerId, notification: Notification): void {
    this.#said.push({ to: `${to}`, text: this.#formatMessage(notification) });
  }

  dialAll(): void {
    this.#say('dials all');
  }

  isOutOfReach(id: ServerId): boolean {
    return this.#outOfReach.has(id);
  }

  // Commands.

  get #server(): Election {
    if (this.#election === null) throw new Error('there is no server yet');
    return this.#election;
  }

  #makeServer({ list, options }: Words): void {
    const [, id = '', , ...members] = list;
    const isReconfigurable = members.at(-1) === 'reconfig';
    if (isReconfigurable) members.pop();
    this.#committed = ensembleOf({ list: members, options });
    this.#next = null;
    this.#nowMs = 0;
    const times = { ...ELECTION_TIMES, settleMs: QUIET_MS };
    const settings = { ...times, id: idOf(id), reconfigEnabled: isReconfigurable };
    this.#election = new Election(settings, this, new Notices(), this.#committed, null);
  }

  #setNext({ list, options }: Words): void {
    this.#next = ensembleOf({ list: list.slice(1), options });
    this.#election?.configure(this.#committed, this.#next);
  }

  #configure({ list, options }: Words): void {
    this.#committed = ensembleOf({ list: list.slice(1), options });
    this.#server.configure(this.#committed, this.#next);
  }

  #advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs;
    for (let at = this.#server.wakeAt(); at <= untilMs; at = this.#server.wakeAt()) {
      this.#nowMs = at;
      const from = this.#said.length;
      this.#server.onTimer(at);
      this.#sayOutcome();
      this.#stamp(from);
    }
    this.#nowMs = untilMs;
  }

  #stamp(from: number): void {
    const stamped = this.#said.splice(from).map(({ to, text }) => ({
      to,
      text: to === null ? `${this.#nowMs} ms: ${text}` : `${text}, at ${this.#nowMs} ms`,
    }));
    this.#said.push(...stamped);
  }

  #lose(names: readonly string[]): void {
    for (const name of names) this.#outOfReach.add(idOf(name));
    this.#election?.onUnreachable();
  }

  #open(isOpen: boolean): void {
    this.hasDelivered = isOpen;
  }

  #assume([, state = '', leader = '']: readonly string[], options: Words['options']): void {
    this.#server.assume(states.get(state)!, voteOf(leader, options));
  }

  #show(): void {
    const { state, vote, round, deserters, isDeserted, isHalted } = this.#server;
    const doing = isHalted ? 'waiting to be started over' : nameOf(state);
    const away = deserters.size > 0 ? `, deserted by ${[...deserters].join(' ')}` : '';
    const alone = isDeserted ? ', no quorum is left' : '';
    this.#say(`${doing} in round ${round}, tells ${formatVote(vote)}${away}${alone}`);
  }

  #askQuorum(names: readonly string[]): void {
    const quorum = jointQuorumOf(this.#committed, this.#next);
    const is = quorum.contains(new Set(names.map(idOf))) ? 'a quorum' : 'no quorum';
    this.#say(`${is}: ${names.join(' ') || 'nobody'}`);
  }

  // Messages and traces.

  #messageOf({ list, options }: Words): Notification {
    const [state = '', leader = ''] = list;
    const vote = voteOf(leader, options);
    const config = options.get('config');
    return {
      state: states.get(state)!,
      leader: vote.leader,
      zxid: vote.zxid,
      electionEpoch: vote.round,
      peerEpoch: vote.peerEpoch,
      version: Number(options.get('version') ?? NOTIFICATION_VERSION),
      config:
        config === undefined || config === 'broken'
          ? (config ?? formatEnsemble(this.#committed))
          : formatEnsemble(ensembleOf(config)),
    };
  }

  #formatMessage(message: Notification): string {
    const { electionEpoch: round } = message;
    const isCurrent = message.config === formatEnsemble(this.#committed);
    const config = isCurrent ? '' : ', with another configuration';
    return `${nameOf(message.state)}, ${formatVote({ ...message, round })}${config}`;
  }

  #sayOutcome(): void {
    const learnt = this.#election?.takeLearnt() ?? null;
    if (learnt !== null) this.#say(`learnt: ${formatEnsemble(learnt).replaceAll('\n', ' ')}`);
    const decision = this.#election?.takeDecision() ?? null;
    if (decision === null) return;
    this.#say(`decided: ${nameOf(decision.state)}, ${formatVote(decision.vote)}`);
  }

  #say(text: string): void {
    this.#said.push({ to: null, text });
  }

  /** Equal messages to several in one line. */
  #takeSaid(): string[] {
    const lines: { to: string[]; text: string }[] = [];
    for (const { to, text } of this.#said) {
      const last = lines.at(-1);
      if (to !== null && last !== undefined && last.to.length > 0 && last.text === text) {
        last.to.push(to);
      } else {
        lines.push({ to: to === null ? [] : [to], text });
      }
    }
    this.#said = [];
    return lines.map(({ to, text }) => (to.length === 0 ? text : `to ${to.join(', ')}: ${text}`));
  }
}

function idOf(text: string): ServerId {
  return text === 'nobody' ? NO_SERVER : asServerId(BigInt(text));
}

function historyOf(options: Words['options']): { zxid: Vote['zxid']; currentEpoch: bigint } {
  const { zxid, peerEpoch } = voteOf('nobody', options);
  return { zxid, currentEpoch: peerEpoch };
}

function voteOf(leader: string, options: Words['options']): Vote {
  const zxid = options.get('zxid') ?? '0';
  const epoch = options.get('epoch') ?? '0';
  return {
    leader: idOf(leader),
    zxid: zxid === 'none' ? NO_ZXID : asZxid(BigInt(`0x${zxid === '-1' ? 'f'.repeat(16) : zxid}`)),
    round: BigInt(options.get('round') ?? 1),
    peerEpoch: epoch === 'none' ? NO_EPOCH : BigInt(epoch),
  };
}

function formatVote({ leader, zxid, round, peerEpoch }: Vote): string {
  const who = leader === NO_SERVER ? 'nobody' : `${leader}`;
  const what = zxid === NO_ZXID ? 'no zxid' : formatZxid(zxid);
  const epoch = peerEpoch === NO_EPOCH ? 'no epoch' : `epoch ${peerEpoch}`;
  return `${who} at ${what}, round ${round}, ${epoch}`;
}

function nameOf(state: PeerState): string {
  for (const [name, known] of states) if (known === state) return name;
  return '';
}
