/** The other end of one link: what comes there, in words, and what a server might say to it. */
import {
  asSessionId,
  asZxid,
  decodeConnectRequest,
  decodeUtf8,
  EventType,
  encodeConnectResponse,
  encodeFrame,
  encodeReplyHeader,
  encodeWatcherEvent,
  FrameReader,
  formatSessionId,
  formatZxid,
  JuteReader,
  JuteWriter,
  KEEPER_STATE_CONNECTED,
  Opcode,
  Xid,
} from '@zabra/wire';
import type { Endpoint } from '../contract.ts';
import { showRequest } from './show-request.ts';

const FRAME_BYTES_MAX = 1 << 30;

export const eventTypes: ReadonlyMap<string, number> = new Map([
  ['NodeCreated', EventType.Created],
  ['NodeDeleted', EventType.Deleted],
  ['NodeDataChanged', EventType.DataChanged],
  ['NodeChildrenChanged', EventType.ChildrenChanged],
]);

export interface Answer {
  readonly xid: number;
  readonly zxid: bigint;
  readonly error: number;
  readonly body?: Uint8Array;
}

export interface Welcome {
  readonly session: bigint;
  readonly timeoutMs: number;
  readonly isReadOnly?: boolean;
}

export class ScriptServer {
  readonly link: number;
  readonly endpoint: Endpoint;
  /** Xids that are owed an answer, pings and proofs apart. */
  readonly owed: number[] = [];
  readonly #frames = new FrameReader(FRAME_BYTES_MAX);
  #isGreeted = false;

  constructor(link: number, endpoint: Endpoint) {
    this.link = link;
    this.endpoint = endpoint;
  }

  /** What has come, in words. */
  receive(bytes: Uint8Array): string[] {
    if (!this.#isGreeted && decodeUtf8(bytes) === 'isro') return ['isro'];
    this.#frames.push(bytes);
    const said: string[] = [];
    for (let frame = this.#frames.next(); frame !== null; frame = this.#frames.next()) {
      said.push(this.#isGreeted ? this.#onRequest(frame) : this.#onHello(frame));
    }
    return said;
  }

  #onHello(frame: Uint8Array): string {
    this.#isGreeted = true;
    const hello = decodeConnectRequest(JuteReader.over(frame))!;
    const session = formatSessionId(hello.sessionId);
    const how = hello.readOnly === true ? ', reading will do' : '';
    const zxid = formatZxid(hello.lastZxidSeen);
    return `connect: session ${session}, timeout ${hello.timeoutMs}, zxid 0x${zxid}${how}`;
  }

  #onRequest(frame: Uint8Array): string {
    const reader = JuteReader.over(frame);
    const xid = reader.int();
    const opcode = reader.int();
    if (xid !== Xid.Ping && xid !== Xid.Auth) this.owed.push(xid);
    const own = opcode === Opcode.Ping || opcode === Opcode.Auth ? '' : `, xid ${xid}`;
    return `${showRequest(opcode, frame.subarray(8))}${own}`;
  }
}

/** A session that was granted; a timeout of 0 says that it has expired. */
export function welcome({ session, timeoutMs, isReadOnly }: Welcome): Uint8Array {
  return framed((body) =>
    encodeConnectResponse(body, {
      protocolVersion: 0,
      timeoutMs,
      sessionId: asSessionId(session),
      password: new Uint8Array(16).fill(Number(session & 0xffn)),
      readOnly: isReadOnly ?? false,
    }),
  );
}

export function answer({ xid, zxid, error, body }: Answer): Uint8Array {
  return framed((writer) => {
    encodeReplyHeader(writer, { xid, zxid: asZxid(zxid), err: error });
    for (const byte of body ?? []) writer.byte(byte);
  });
}

export function event(type: number, path: string, zxid: bigint): Uint8Array {
  return framed((writer) => {
    encodeReplyHeader(writer, { xid: Xid.Notification, zxid: asZxid(zxid), err: 0 });
    encodeWatcherEvent(writer, { type, state: KEEPER_STATE_CONNECTED, path });
  });
}

function framed(encode: (writer: JuteWriter) => void): Uint8Array {
  const writer = new JuteWriter();
  encodeFrame(writer, encode);
  return writer.finish();
}
