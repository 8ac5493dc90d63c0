/**
 * The few requests the bench sends, as bytes. It has an encoder of its own instead of Zabra's, so
 * that a mistake in Zabra's codec cannot hide behind the same mistake in its measure.
 *
 *     frame         length int, then that many bytes
 *     RequestHeader xid int, type int
 */

const OPEN_ACL = Buffer.concat([int(1), int(31), text('world'), text('anyone')]);

/** create flag: the server appends ten digits to the name. */
export const SEQUENTIAL = 2;

/** CreateRequest: path, data, acl, flags. */
export function createFrame(xid: number, path: string, data: Buffer, flags = 0): Buffer {
  return frame(int(xid), int(1), text(path), bytes(data), OPEN_ACL, int(flags));
}

/** GetDataRequest: path, watch. */
export function getDataFrame(xid: number, path: string): Buffer {
  return frame(int(xid), int(4), text(path), Buffer.from([0]));
}

/** SetDataRequest: path, data, version (−1: whatever it is). */
export function setDataFrame(xid: number, path: string, data: Buffer): Buffer {
  return frame(int(xid), int(5), text(path), bytes(data), int(-1));
}

/** ConnectRequest: version, last zxid, timeout, session id, password, read-only. */
export function connectFrame(timeoutMs: number): Buffer {
  return frame(int(0), Buffer.alloc(8), int(timeoutMs), Buffer.alloc(8), password(), flag(false));
}

export function closeSessionFrame(xid: number): Buffer {
  return frame(int(xid), int(-11));
}

export function frame(...parts: readonly Buffer[]): Buffer {
  const payload = Buffer.concat(parts);
  return Buffer.concat([int(payload.length), payload]);
}

export function int(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
}

/** A string or a buffer is its length and its bytes. */
export function bytes(value: Buffer): Buffer {
  return Buffer.concat([int(value.length), value]);
}

export function text(value: string): Buffer {
  return bytes(Buffer.from(value));
}

function password(): Buffer {
  return bytes(Buffer.alloc(16));
}

function flag(value: boolean): Buffer {
  return Buffer.from([value ? 1 : 0]);
}
