/**
 * What a generator plays: requests in a ring, each with what its reply must look like.
 *
 * The xid of a request is its place in the ring plus one, so that frames are encoded once and
 * played for ever while every reply can still be matched with its request. Connections start at
 * different places of the ring.
 *
 *     script   entry*
 *     entry    request length u32le, body length u32le, prefix length u32le, request, prefix
 */
import { bytes, createFrame, getDataFrame, SEQUENTIAL, setDataFrame, text } from './frames.ts';

interface ScriptEntry {
  readonly request: Buffer;
  /** Length of the reply after its header, when there is no error. */
  readonly bodyLength: number;
  /** How that body begins. */
  readonly prefix: Buffer;
}

export type Script = readonly ScriptEntry[];

const VALUE_BYTES = 100;
const STAT_BYTES = 68;
const SEQUENCE_DIGITS = 10;
const NO_PREFIX = Buffer.alloc(0);

/** The value of a node follows from its path, so that a wrong answer cannot look right. */
function valueFor(path: string): Buffer {
  return Buffer.alloc(VALUE_BYTES, `${path} holds `);
}

export function readScript(paths: readonly string[]): Script {
  return paths.map((path, index) => read(index, path));
}

export function writeScript(paths: readonly string[]): Script {
  return paths.map((path, index) => write(index, path));
}

/** Reads, but every `period`-th request is a write. */
export function mixedScript(paths: readonly string[], period: number): Script {
  return paths.map((path, index) =>
    index % period === period - 1 ? write(index, path) : read(index, path),
  );
}

/** Creates each path once. */
export function createScript(paths: readonly string[]): Script {
  return paths.map((path, index) => ({
    request: createFrame(index + 1, path, valueFor(path)),
    bodyLength: text(path).length,
    prefix: text(path),
  }));
}

/** Creates without end: the server completes the name `n-`, so no frame needs to change. */
export function growScript(parents: readonly string[], length: number): Script {
  return Array.from({ length }, (_, index) => {
    const path = `${parents[index % parents.length]}/n-`;
    return {
      request: createFrame(index + 1, path, valueFor(path), SEQUENTIAL),
      bodyLength: text(path).length + SEQUENCE_DIGITS,
      prefix: NO_PREFIX,
    };
  });
}

export function encodeScript(script: Script): Buffer {
  const parts = script.flatMap(({ request, bodyLength, prefix }) => {
    const head = Buffer.alloc(12);
    head.writeUInt32LE(request.length, 0);
    head.writeUInt32LE(bodyLength, 4);
    head.writeUInt32LE(prefix.length, 8);
    return [head, request, prefix];
  });
  return Buffer.concat(parts);
}

export function decodeScript(encoded: Buffer): Script {
  const script: ScriptEntry[] = [];
  for (let at = 0; at < encoded.length; ) {
    const prefixAt = at + 12 + encoded.readUInt32LE(at);
    const end = prefixAt + encoded.readUInt32LE(at + 8);
    script.push({
      request: encoded.subarray(at + 12, prefixAt),
      bodyLength: encoded.readUInt32LE(at + 4),
      prefix: encoded.subarray(prefixAt, end),
    });
    at = end;
  }
  return script;
}

function read(index: number, path: string): ScriptEntry {
  return {
    request: getDataFrame(index + 1, path),
    bodyLength: 4 + VALUE_BYTES + STAT_BYTES,
    prefix: bytes(valueFor(path)),
  };
}

function write(index: number, path: string): ScriptEntry {
  return {
    request: setDataFrame(index + 1, path, valueFor(path)),
    bodyLength: STAT_BYTES,
    prefix: NO_PREFIX,
  };
}
