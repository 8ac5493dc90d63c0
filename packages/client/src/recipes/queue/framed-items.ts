/**
 * The data of an item in Curator's queues:
 *
 *     int32   0x00010001                         the version
 *     byte    0x01, int32 length, so many bytes  an item; there may be several
 *     byte    0x02                               the end
 */
import { ZooKeeperError } from '../../public.ts';

const VERSION = 0x00010001;
const ITEM = 1;
const END = 2;

export function frameItems(items: readonly Uint8Array[]): Uint8Array {
  const size = items.reduce((sum, item) => sum + 5 + item.length, 5);
  const framed = new Uint8Array(size);
  const view = new DataView(framed.buffer);
  view.setInt32(0, VERSION);
  let at = 4;
  for (const item of items) {
    framed[at] = ITEM;
    view.setInt32(at + 1, item.length);
    framed.set(item, at + 5);
    at += 5 + item.length;
  }
  framed[at] = END;
  return framed;
}

/** Throws where the bytes are no such thing. */
export function unframeItems<B extends Uint8Array>(framed: B, path: string): B[] {
  const view = new DataView(framed.buffer, framed.byteOffset, framed.length);
  if (framed.length < 5 || view.getInt32(0) !== VERSION) throw unreadable(path);
  const items: B[] = [];
  let at = 4;
  while (framed[at] === ITEM && at + 5 <= framed.length) {
    const length = view.getInt32(at + 1);
    if (length < 0 || at + 5 + length > framed.length) throw unreadable(path);
    items.push(framed.subarray(at + 5, at + 5 + length) as B);
    at += 5 + length;
  }
  if (framed[at] !== END) throw unreadable(path);
  return items;
}

function unreadable(path: string): ZooKeeperError {
  const message = `take ${path}: this is no item of a queue of Curator's (BadValue)`;
  return new ZooKeeperError('BadValue', message, { op: 'take', path });
}
