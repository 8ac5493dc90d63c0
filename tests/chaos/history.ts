/** From what was written down to a journal that the judges can read. */
import { Journal, type Operation, type SessionLife } from '@zabra/sim/checkers';
import { decodeWatcherEvent, EventType, JuteReader, Opcode, operations } from '@zabra/wire';
import type { DatedLine } from './record.ts';

type Ask = Operation['ask'];

interface Connection {
  readonly life: SessionLife;
  readonly waiting: Operation[];
}

/** What ends a session from a client's view, besides its own request: a greeting that refuses. */
export interface History {
  readonly journal: Journal;
  /** Sessions that a server would not take back, with the moment. */
  readonly refused: ReadonlyMap<bigint, number>;
  readonly strokes: readonly string[];
  /** Connections to servers that are not ours. */
  readonly foreign: ReadonlySet<number>;
}

export function historyOf(lines: readonly DatedLine[]): History {
  const reader = new HistoryReader();
  for (const line of lines) reader.read(line);
  return reader;
}

class HistoryReader implements History {
  readonly journal: Journal = new Journal();
  readonly refused: Map<bigint, number> = new Map();
  readonly strokes: string[] = [];
  readonly foreign: Set<number> = new Set();
  readonly #lives = new Map<bigint, SessionLife>();
  /** The session a client has or had last. */
  readonly #lifeOf = new Map<number, SessionLife>();
  readonly #hellosMs = new Map<number, number>();
  readonly #connections = new Map<number, Connection>();

  read(line: DatedLine): void {
    const { journal } = this;
    switch (line.kind) {
      case 'hello':
        this.#hellosMs.set(line.connection, line.atMs);
        if (line.product !== 'zabra') this.foreign.add(line.connection);
        return;
      case 'greeted':
        this.#onGreeted(line);
        return;
      case 'asked': {
        const { life, waiting } = this.#connection(line.connection);
        const operation: Operation = {
          client: line.client,
          session: life.id,
          connection: line.connection,
          xid: line.xid,
          ask: askOf(line.opcode, bytesOf(line.body)),
          wish: null,
          invokedMs: line.atMs,
          answer: null,
        };
        journal.operations.push(operation);
        life.sent.push(operation);
        waiting.push(operation);
        return;
      }
      case 'answered': {
        const { life, waiting } = this.#connection(line.connection);
        const operation = waiting.shift();
        if (operation === undefined) return;
        const { atMs, error } = line;
        operation.answer = { atMs, zxid: BigInt(line.zxid), error, body: bytesOf(line.body) };
        life.heard.push({ kind: 'reply', operation });
        return;
      }
      case 'event': {
        const event = decodeWatcherEvent(JuteReader.over(bytesOf(line.body)));
        if (event === null || event.type === EventType.None) return;
        const { type, path } = event;
        const { life } = this.#connection(line.connection);
        life.heard.push({ kind: 'event', type, path, zxid: BigInt(line.zxid) });
        return;
      }
      case 'pinged':
        this.#connection(line.connection).life.pingedMs.push(line.sentMs);
        return;
      case 'nonsense':
        journal.violations.push(`client ${line.client} ${line.what}`);
        return;
      case 'stroke':
        this.strokes.push(`${line.members.join(' ')} ${line.what}`);
        return;
    }
  }

  #onGreeted(line: DatedLine & { readonly kind: 'greeted' }): void {
    const { client, connection, timeoutMs } = line;
    if (timeoutMs <= 0) {
      const last = this.#lifeOf.get(client);
      if (last !== undefined) this.refused.set(last.id, line.atMs);
      return;
    }
    const id = BigInt(`0x${line.session}`);
    let life = this.#lives.get(id);
    if (life === undefined) {
      life = this.journal.open(id, client);
      this.#lives.set(id, life);
    }
    life.timeoutMs = timeoutMs;
    const { atMs } = line;
    // What a client of another make says of itself is not written down.
    const said = { session: id, lastZxid: 0n };
    const hello = { ...said, connection, atMs: this.#hellosMs.get(connection) ?? atMs };
    life.heard.push({ kind: 'connected', hello, session: id, timeoutMs, atMs });
    this.#lifeOf.set(client, life);
    this.#connections.set(connection, { life, waiting: [] });
  }

  #connection(number: number): Connection {
    const known = this.#connections.get(number);
    if (known === undefined) throw new Error(`connection ${number} was never greeted`);
    return known;
  }
}

function askOf(type: number, body: Uint8Array): Ask {
  if (type === Opcode.CloseSession) return { type: Opcode.CloseSession, body: null };
  const { decodeRequest } = operations[type as keyof typeof operations];
  return { type, body: decodeRequest(JuteReader.over(body)) } as Ask;
}

function bytesOf(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'));
}
