/**
 * The list inside multi and multiRead, requests and results alike: items told apart by a header, and
 * a last header that says done.
 *
 *     MultiHeader = int type, boolean done, int err
 *     items       = { MultiHeader(type, 0, err), record of that type }, MultiHeader(-1, 1, -1)
 *
 * `err` is -1 in requests; in results it is 0, or the code that the ErrorResponse behind it repeats.
 */
import type { CodecTable } from '../jute/codec.ts';
import type { JuteReader } from '../jute/reader.ts';
import type { JuteWriter } from '../jute/writer.ts';

/** One item; the lists that use this file narrow `body` by `type`. */
export interface MultiItem {
  readonly type: number;
  readonly body: unknown;
}

const DONE_TYPE = -1;
const DONE_ERR = -1;

/** What stands in the header of every item of a request; servers ignore it. */
export const requestErr = (): number => -1;

/** Writes all items and the last header; `errOf` says what an item's header has for `err`. */
export function encodeMultiItems<Item extends MultiItem>(
  writer: JuteWriter,
  items: readonly Item[],
  codecs: CodecTable,
  errOf: (item: Item) => number,
): void {
  for (const item of items) {
    encodeHeader(writer, item.type, false, errOf(item));
    codecs.get(item.type)?.encode(writer, item.body);
  }
  encodeHeader(writer, DONE_TYPE, true, DONE_ERR);
}

/** Everything up to the last header; null when it is missing or a type is not in the table. */
export function decodeMultiItems(
  reader: JuteReader,
  codecs: CodecTable,
): readonly MultiItem[] | null {
  const items: MultiItem[] = [];
  for (;;) {
    const type = reader.int();
    const done = reader.boolean();
    reader.int();
    if (reader.failed) return null;
    if (done) return items;
    const body = codecs.get(type)?.decode(reader) ?? null;
    if (body === null) {
      reader.fail();
      return null;
    }
    items.push({ type, body });
  }
}

function encodeHeader(writer: JuteWriter, type: number, done: boolean, err: number): void {
  writer.int(type);
  writer.boolean(done);
  writer.int(err);
}
