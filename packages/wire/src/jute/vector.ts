/**
 * Vectors, and the strings and vectors that must not be null: jute can say null anywhere, most
 * records cannot, and where they cannot a null makes the whole record undecodable.
 */
import type { Decode, Encode } from './codec.ts';
import type { JuteReader } from './reader.ts';
import type { JuteWriter } from './writer.ts';

/** The fewest bytes a string in a vector can take: its length. */
const STRING_BYTES_MIN = 4;

export function writeVector<Item>(
  writer: JuteWriter,
  items: readonly Item[] | null,
  encodeItem: Encode<Item>,
): void {
  writer.int(items === null ? -1 : items.length);
  for (const item of items ?? []) encodeItem(writer, item);
}

/** Null is a null vector; an item that cannot be read ends the list with the reader failed. */
export function readVector<Item>(
  reader: JuteReader,
  itemBytesMin: number,
  decodeItem: Decode<Item>,
): readonly Item[] | null {
  const count = reader.count(itemBytesMin);
  if (count < 0) return null;
  const items: Item[] = [];
  while (items.length < count) {
    const item = decodeItem(reader);
    if (item === null) break;
    items.push(item);
  }
  return items;
}

/** A vector that must not be null; null when it was, or when it could not be read. */
export function decodeVector<Item>(
  reader: JuteReader,
  itemBytesMin: number,
  decodeItem: Decode<Item>,
): readonly Item[] | null {
  const items = readVector(reader, itemBytesMin, decodeItem);
  if (items === null) reader.fail();
  return reader.failed ? null : items;
}

/** A string that must not be null. */
export function decodeText(reader: JuteReader): string | null {
  const text = reader.string();
  if (text === null) reader.fail();
  return text;
}

export function encodeTexts(writer: JuteWriter, texts: readonly string[]): void {
  writeVector(writer, texts, encodeText);
}

/** A vector of strings in which nothing is null. */
export function decodeTexts(reader: JuteReader): readonly string[] | null {
  return decodeVector(reader, STRING_BYTES_MIN, decodeText);
}

function encodeText(writer: JuteWriter, text: string): void {
  writer.string(text);
}
