/** One connection of a script: what it sends, and what it is sent, in words. */
import {
  asSessionId,
  asZxid,
  decodeConnectResponse,
  decodeUtf8,
  decodeWatcherEvent,
  ErrorCode,
  EventType,
  encodeConnectRequest,
  encodeFrame,
  errorName,
  FrameReader,
  JuteReader,
  JuteWriter,
  Opcode,
  Xid,
} from '@zabra/wire';
import type { ScriptRequest } from './script-requests.ts';

const FRAME_BYTES_MAX = 1 << 30;
const HEADER_BYTES = 16;
const RESPONSE_BYTES = 37;

const eventNames: ReadonlyMap<number, string> = new Map<number, string>([
  [EventType.Created, 'NodeCreated'],
  [EventType.Deleted, 'NodeDeleted'],
  [EventType.DataChanged, 'NodeDataChanged'],
  [EventType.ChildrenChanged, 'NodeChildrenChanged'],
]);

/** Xids that clients give to requests of these kinds. */
const ownXids: ReadonlyMap<number, number> = new Map<number, number>([
  [Opcode.Ping, Xid.Ping],
  [Opcode.Auth, Xid.Auth],
  [Opcode.SetWatches, Xid.SetWatches],
]);

export interface Hello {
  readonly timeoutMs: number;
  readonly zxidSeen?: bigint;
  readonly session?: bigint;
  readonly password?: Uint8Array;
  readonly isOld?: boolean;
  /** A server that only reads will do. */
  readonly canBeReadOnly?: boolean;
}

export interface Greeting {
  readonly session: bigint;
  readonly password: Uint8Array;
}

/** Sessions, each called by whoever was given it first. */
export class SessionBook {
  readonly #byName = new Map<string, Greeting>();
  readonly #names = new Map<bigint, string>();

  enter(name: string, greeting: Greeting): void {
    if (this.#names.has(greeting.session)) return;
    this.#names.set(greeting.session, name);
    this.#byName.set(name, greeting);
  }

  nameOf(session: bigint): string | undefined {
    return this.#names.get(session);
  }

  of(name: string): Greeting | undefined {
    return this.#byName.get(name);
  }
}

export class ScriptClient {
  readonly name: string;
  readonly id: number;
  /** It said a four-letter word: what comes is text. */
  isWord = false;
  /** Of that text, only lines that begin like one of these; all where there are none. */
  wantedRows: readonly string[] = [];
  isReading = true;
  readonly #book: SessionBook;
  readonly #frames = new FrameReader(FRAME_BYTES_MAX);
  readonly #asked = new Map<number, ScriptRequest>();
  #isGreeted = false;
  #xid: number;

  /** Requests are counted from behind `xidBefore` on. */
  constructor(name: string, id: number, book: SessionBook, xidBefore = 0) {
    this.#xid = xidBefore;
    this.name = name;
    this.id = id;
    this.#book = book;
  }

  stopReading(): void {
    this.isReading = false;
  }

  /** The bytes of a connect request. */
  hello(hello: Hello): Uint8Array {
    const writer = new JuteWriter();
    encodeFrame(writer, (body) =>
      encodeConnectRequest(body, {
        protocolVersion: 0,
        lastZxidSeen: asZxid(hello.zxidSeen ?? 0n),
        timeoutMs: hello.timeoutMs,
        sessionId: asSessionId(hello.session ?? 0n),
        password: hello.password ?? new Uint8Array(16),
        readOnly: hello.isOld === true ? null : hello.canBeReadOnly === true,
      }),
    );
    return writer.finish();
  }

  /** The bytes of a request. */
  ask(request: ScriptRequest): Uint8Array {
    const own = ownXids.get(request.opcode);
    if (own === undefined) this.#xid += 1;
    const xid = own ?? this.#xid;
    this.#asked.set(xid, request);
    const writer = new JuteWriter();
    encodeFrame(writer, (body) => {
      body.int(xid);
      body.int(request.opcode);
      request.encode(body);
    });
    return writer.finish();
  }

  /** What it says of these bytes. */
  receive(bytes: Uint8Array): string[] {
    if (this.isWord) {
      const { wantedRows } = this;
      const all = decodeUtf8(bytes).split('\n');
      const isWanted = (line: string): boolean => wantedRows.some((row) => line.startsWith(row));
      const lines = wantedRows.length === 0 ? all : all.filter(isWanted);
      return lines.filter((line, i) => line !== '' || i < lines.length - 1).map((l) => `| ${l}`);
    }
    this.#frames.push(bytes.slice());
    const said: string[] = [];
    for (let frame = this.#frames.next(); frame !== null; frame = this.#frames.next()) {
      said.push(`${this.name} ${this.#isGreeted ? this.#tell(frame) : this.#greet(frame)}`);
    }
    return said;
  }

  #greet(frame: Uint8Array): string {
    this.#isGreeted = true;
    const response = decodeConnectResponse(JuteReader.over(frame))!;
    const { timeoutMs, sessionId, password, readOnly } = response;
    const only = readOnly === true ? ', only to read' : '';
    const size = frame.length === RESPONSE_BYTES ? only : `, ${frame.length} bytes`;
    if (timeoutMs === 0) return `<- session expired${size}`;
    this.#book.enter(this.name, { session: sessionId, password: password! });
    return `<- session ${this.#book.nameOf(sessionId)}, timeout ${timeoutMs}${size}`;
  }

  #tell(frame: Uint8Array): string {
    const reader = JuteReader.over(frame);
    const xid = reader.int();
    const zxid = reader.long();
    const error = reader.int();
    if (xid === Xid.Notification) {
      const event = decodeWatcherEvent(reader)!;
      return `hears ${eventNames.get(event.type)} ${event.path}, zxid ${zxid}`;
    }
    const request = this.#asked.get(xid);
    const label = request?.label ?? `xid ${xid}`;
    if (error === ErrorCode.Ok) return `<- ${label}${request?.show(reader) ?? ''}, zxid ${zxid}`;
    const body = frame.length === HEADER_BYTES ? '' : `, ${frame.length - HEADER_BYTES} more bytes`;
    return `<- ${label}: ${errorName(error)}, zxid ${zxid}${body}`;
  }
}
