/**
 * The four-letter words of the client port: told by the first four bytes of a connection, answered
 * with plain text, and that is the end of the connection.
 */
import { encodeUtf8, formatEnsemble } from '@zabra/wire';
import type { Connection } from '../connection.ts';
import type { Pipeline } from '../pipeline.ts';
import type { ServerState } from '../state.ts';
import { connections, resetConnections } from './connections.ts';
import { dump } from './dump.ts';
import type { HostFacts } from './host-facts.ts';
import { monitor } from './monitor.ts';
import { resetServerStats, serverStats, serverStatsWithClients } from './server-stats.ts';
import { watchesByPath, watchesBySession, watchSummary } from './watches.ts';

type Answer = (state: ServerState, pipeline: Pipeline) => string;
type HostAnswer = (state: ServerState, pipeline: Pipeline, facts: HostFacts) => string;

const WORD_BYTES = 4;
/** `stmk` brings a mask of eight more bytes. */
const MASK_BYTES = 8;
/** Client requests, packets from the leader, sessions: what Apache traces unless told otherwise. */
const TRACE_MASK_DEFAULT = 306n;
/** What a telnet client sends to hang up; treated as a word that nobody allows. */
const TELNET_CLOSE = 0xfff4fffd | 0;

const answers: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  ['ruok', (): string => 'imok'],
  ['isro', readOnlyness],
  ['srvr', serverStats],
  ['stat', serverStatsWithClients],
  ['srst', resetServerStats],
  ['cons', connections],
  ['crst', resetConnections],
  ['dump', dump],
  ['wchs', watchSummary],
  ['wchc', watchesBySession],
  ['wchp', watchesByPath],
  ['hash', digests],
]);

/** Words whose answer needs the host. */
const hostAnswers: ReadonlyMap<string, HostAnswer> = new Map<string, HostAnswer>([
  ['mntr', monitor],
  ['conf', configuration],
  ['envi', environment],
  [
    'dirs',
    (_state, _pipeline, facts): string =>
      `datadir_size: ${facts.snapshotBytes}\nlogdir_size: ${facts.logBytes}\n`,
  ],
]);

/** What tells nothing of the tree or of clients is told by a server that serves nobody, too. */
const alwaysTold: ReadonlySet<string> = new Set(['ruok', 'isro', 'envi', 'gtmk', 'stmk']);
const NOT_SERVING = 'This ZooKeeper instance is not currently serving requests';

export class Words {
  readonly #state: ServerState;
  readonly #pipeline: Pipeline;
  readonly #byNumber = new Map<number, string>();
  #traceMask = TRACE_MASK_DEFAULT;

  constructor(state: ServerState, pipeline: Pipeline) {
    this.#state = state;
    this.#pipeline = pipeline;
    for (const word of [...answers.keys(), ...hostAnswers.keys(), 'gtmk', 'stmk']) {
      const bytes = encodeUtf8(word);
      this.#byNumber.set(new DataView(bytes.buffer, bytes.byteOffset).getInt32(0), word);
    }
    this.#byNumber.set(TELNET_CLOSE, 'telnet close');
  }

  /** How many bytes the word in these first four takes; 0 where they are none. */
  byteCountOf(first: number): number {
    const word = this.#byNumber.get(first);
    if (word === undefined) return 0;
    return word === 'stmk' ? WORD_BYTES + MASK_BYTES : WORD_BYTES;
  }

  /** Answers the word in bytes at `position`, at once or through the host. */
  answer(connection: Connection, first: number, view: DataView, position: number): void {
    const state = this.#state;
    const word = this.#byNumber.get(first)!;
    state.figures.packetsReceived += 1;
    connection.received += 1;
    if (!this.#isAllowed(word)) {
      this.#say(connection, `${word} is not executed because it is not in the whitelist.\n`);
    } else if (state.part.mode === 'none' && !alwaysTold.has(word)) {
      this.#say(connection, word === 'hash' ? NOT_SERVING : `${NOT_SERVING}\n`);
    } else if (hostAnswers.has(word)) {
      connection.state = 'ending';
      state.orders.push({ kind: 'word', connection: connection.id, word });
    } else if (word === 'stmk') {
      this.#traceMask = view.getBigInt64(position + WORD_BYTES);
      this.#say(connection, String(this.#traceMask));
    } else if (word === 'gtmk') {
      this.#say(connection, String(this.#traceMask));
    } else {
      this.#say(connection, answers.get(word)!(state, this.#pipeline));
    }
  }

  answerWith(connection: Connection, word: string, facts: HostFacts): void {
    this.#say(connection, hostAnswers.get(word)!(this.#state, this.#pipeline, facts));
  }

  #isAllowed(word: string): boolean {
    const { fourLetterWords, readOnlyMode } = this.#state.settings;
    // Clients of a server that only reads find one that writes by this word.
    if (word === 'srvr' || (word === 'isro' && readOnlyMode)) return true;
    return fourLetterWords === 'all' || fourLetterWords.includes(word);
  }

  #say(connection: Connection, text: string): void {
    if (connection.state === 'gone') return;
    const bytes = encodeUtf8(text);
    const out = this.#state.outputOf(connection);
    out.reserve(bytes.length);
    out.bytes.set(bytes, out.position);
    out.position += bytes.length;
    this.#state.close(connection, null);
  }
}

function readOnlyness({ part }: ServerState): string {
  if (part.mode === 'none') return 'null';
  return part.onlyReads ? 'ro' : 'rw';
}

function digests(state: ServerState): string {
  return state.digestHistory.map(({ zxid, digest }) => `${zxid}: ${digest}\n`).join('');
}

/** Behind its own settings, a member tells who the others are. */
function configuration({ ensemble }: ServerState, _pipeline: Pipeline, facts: HostFacts): string {
  const own = lines(facts.configuration);
  return ensemble === null ? own : `${own}membership: \n${formatEnsemble(ensemble.ruling)}`;
}

function environment(state: ServerState, _pipeline: Pipeline, facts: HostFacts): string {
  return `Environment:\n${lines([['zookeeper.version', state.settings.version], ...facts.environment])}`;
}

function lines(pairs: readonly (readonly [key: string, value: string | number])[]): string {
  return pairs.map(([key, value]) => `${key}=${value}\n`).join('');
}
