/** The shape every codec of this room has: write a value, or read one and say null on bad bytes. */
import type { JuteReader } from './reader.ts';
import type { JuteWriter } from './writer.ts';

export type Encode<Value> = (writer: JuteWriter, value: Value) => void;

/** Null when the reader has failed, in this record or before it. */
export type Decode<Value> = (reader: JuteReader) => Value | null;

/** Both directions of one record. Methods, so that a table may hold codecs of different records. */
export interface Codec<Value> {
  encode(writer: JuteWriter, value: Value): void;
  decode(reader: JuteReader): Value | null;
}

/** Codecs of different records by the number that announces them, negative ones included. */
export type CodecTable = ReadonlyMap<number, Codec<unknown>>;

/** A table from an object literal, which alone can say which record belongs to which number. */
export function codecTable(codecs: Readonly<Record<number, Codec<unknown>>>): CodecTable {
  return new Map(Object.entries(codecs).map(([type, codec]) => [Number(type), codec]));
}
