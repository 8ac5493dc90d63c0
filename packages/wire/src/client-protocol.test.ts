/** The codecs against bytes that Apache ZooKeeper 3.8.0 received and sent. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ErrorCode } from './error-code.ts';
import { FrameReader } from './frame.ts';
import { JuteReader } from './jute/reader.ts';
import { JuteWriter } from './jute/writer.ts';
import { Opcode, Xid } from './opcode.ts';
import { type Operation, operationOf } from './operations.ts';
import {
  decodeReplyHeader,
  decodeRequestHeader,
  encodeReplyHeader,
  encodeRequestHeader,
  type ReplyHeader,
} from './records/header.ts';
import { decodeWatcherEvent, encodeWatcherEvent } from './records/watcher-event.ts';
import {
  decodeConnectRequest,
  decodeConnectResponse,
  encodeConnectRequest,
  encodeConnectResponse,
} from './requests/connect.ts';

type FieldValue = number | string | boolean | null;
type Field = readonly [name: string, offset: number, length: number, value: FieldValue];

interface GoldenCase {
  readonly name: string;
  readonly notes: string;
  readonly request_hex: string;
  /** null: the server closed without an answer. */
  readonly response_hex: string | null;
  readonly request_fields: readonly Field[];
  readonly response_fields: readonly Field[];
  readonly other_frames?: readonly { readonly hex: string; readonly fields: readonly Field[] }[];
}

/** One frame's payload read and written again: what was read, and the bytes that came out. */
interface Outcome {
  readonly values: readonly unknown[];
  readonly hex: string;
}

const file = new URL('../../../tests/golden/client-protocol.json', import.meta.url);
const all: readonly GoldenCase[] = JSON.parse(readFileSync(file, 'utf8'));
const raw = all.filter((golden) => golden.notes.startsWith('RAW'));
const framed = all.filter((golden) => !raw.includes(golden));
const answered = framed.flatMap((golden) => {
  return golden.response_hex === null ? [] : [{ ...golden, response_hex: golden.response_hex }];
});

/** A null path and a body that breaks off: the server answers both with MarshallingError. */
const undecodable = ['root.exists.marshalling.null_path', 'create.err.marshalling'];
/** A type that may not stand in a multi, and a request that nobody knows. */
const refused = ['multi.err.badop', 'unknown_opcode'];

function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

function hexOf(writer: JuteWriter): string {
  return Buffer.from(writer.finish()).toString('hex');
}

/** The leaves of a value in the order of its fields, vectors preceded by their count. */
function flatten(value: unknown): unknown[] {
  if (value instanceof Uint8Array) return [Buffer.from(value).toString('hex')];
  if (Array.isArray(value)) return [value.length, ...value.flatMap(flatten)];
  if (value !== null && typeof value === 'object') return Object.values(value).flatMap(flatten);
  return [typeof value === 'bigint' ? BigInt.asUintN(64, value) : value];
}

/** The recorded fields in the form of `flatten`; what multi's headers repeat is left out. */
function expected(fields: readonly Field[]): unknown[] {
  const headers = fields.filter(([name]) => /^hdr\[\d+\]\.type$/.test(name));
  const last = headers.at(-1)?.[0];
  const kept = fields.filter(([name]) => name !== last && !/^hdr\[\d+\]\.(done|err)$/.test(name));
  const values = kept.map(([name, , length, value]) => {
    if (name.endsWith('.length') && value === -1) return null;
    if (length === 8 && typeof value === 'number') return BigInt.asUintN(64, BigInt(value));
    if (typeof value === 'string' && /^0x/.test(value)) return BigInt(value);
    return value;
  });
  // Ours begins a multi with the count of its items.
  const items = headers.length - 1;
  const at = fields.findIndex(([name]) => name === 'hdr[0].type');
  return at < 0 ? values : [...values.slice(0, at), items, ...values.slice(at)];
}

function readRequest(golden: GoldenCase): Outcome | null {
  const reader = JuteReader.over(bytesOf(golden.request_hex));
  const writer = new JuteWriter();
  if (isHandshake(golden)) {
    const request = decodeConnectRequest(reader);
    if (request === null) return null;
    encodeConnectRequest(writer, request);
    const { protocolVersion, lastZxidSeen, timeoutMs, sessionId, password, readOnly } = request;
    const values = [protocolVersion, lastZxidSeen, timeoutMs, sessionId, password];
    return outcome([...values, ...(readOnly === null ? [] : [readOnly])], writer);
  }
  const header = decodeRequestHeader(reader);
  const operation = header && operationOf(header.type);
  const body = operation?.decodeRequest(reader);
  if (!header || !body) return null;
  encodeRequestHeader(writer, header);
  operation?.encodeRequest(writer, body);
  return outcome([header, body], writer);
}

function readReply(hex: string, operation: Operation | undefined): Outcome | null {
  const reader = JuteReader.over(bytesOf(hex));
  const writer = new JuteWriter();
  const header = decodeReplyHeader(reader);
  if (header === null) return null;
  encodeReplyHeader(writer, header);
  if (reader.remaining === 0) return outcome([header], writer);
  return readReplyBody(reader, writer, header, operation);
}

function readReplyBody(
  reader: JuteReader,
  writer: JuteWriter,
  header: ReplyHeader,
  operation: Operation | undefined,
): Outcome | null {
  if (header.xid === Xid.Notification) {
    const event = decodeWatcherEvent(reader);
    if (event === null) return null;
    encodeWatcherEvent(writer, event);
    return outcome([header, event], writer);
  }
  const body = operation?.decodeResponse?.(reader);
  if (!body) return null;
  operation?.encodeResponse?.(writer, body);
  return outcome([header, body], writer);
}

function readConnectResponse(hex: string): Outcome | null {
  const response = decodeConnectResponse(JuteReader.over(bytesOf(hex)));
  if (response === null) return null;
  const writer = new JuteWriter();
  encodeConnectResponse(writer, response);
  const { protocolVersion, timeoutMs, sessionId, password, readOnly } = response;
  const values = [protocolVersion, timeoutMs, sessionId, password];
  return outcome([...values, ...(readOnly === null ? [] : [readOnly])], writer);
}

/** An array of parts: unlike a vector it has no count. */
function outcome(parts: readonly unknown[], writer: JuteWriter): Outcome {
  return { values: parts.flatMap(flatten), hex: hexOf(writer) };
}

function isHandshake(golden: GoldenCase): boolean {
  return golden.request_fields[0]?.[0] === 'protocolVersion';
}

function operationIn(golden: GoldenCase): Operation | undefined {
  const type = golden.request_fields.find(([name]) => name === 'header.type');
  return operationOf(Number(type?.[3] ?? Opcode.Error));
}

test.each(framed)('the request of $name', (golden) => {
  const read = readRequest(golden);
  if (undecodable.includes(golden.name) || refused.includes(golden.name)) {
    expect(read).toBe(null);
    return;
  }
  expect(read?.hex).toBe(golden.request_hex);
  expect(read?.values).toEqual(expected(golden.request_fields));
});

test.each(answered)('the answer of $name', (golden) => {
  const read = isHandshake(golden)
    ? readConnectResponse(golden.response_hex)
    : readReply(golden.response_hex, operationIn(golden));
  expect(read?.hex).toBe(golden.response_hex);
  expect(read?.values).toEqual(expected(golden.response_fields));
  for (const frame of golden.other_frames ?? []) {
    const event = readReply(frame.hex, undefined);
    expect(event?.hex).toBe(frame.hex);
    expect(event?.values).toEqual(expected(frame.fields));
  }
});

test('the requests that cannot be decoded are those that were answered so', () => {
  for (const golden of answered.filter(({ name }) => undecodable.includes(name))) {
    const reply = decodeReplyHeader(JuteReader.over(bytesOf(golden.response_hex)));
    expect(reply?.err).toBe(ErrorCode.MarshallingError);
  }
});

test.each(raw.filter(({ name }) => /negative|oversize|http/.test(name)))(
  '$name is no frame',
  (golden) => {
    const reader = new FrameReader();
    reader.push(bytesOf(golden.request_hex));
    expect(reader.next()).toBe(null);
    expect(reader.badLength).not.toBe(null);
  },
);
