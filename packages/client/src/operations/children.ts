/** The names of a node's children, in no order. */
import { decodeTexts, Opcode } from '@zabra/wire';
import type { CallKind } from '../connection/call.ts';
import { type ReadOptions, readNode } from './read.ts';
import { readStat, type Stat } from './stat.ts';
import type { View } from './view.ts';

export interface Children {
  readonly path: string;
  readonly names: readonly string[];
  /** Of the node whose children they are. */
  readonly stat: Stat;
}

const kind: CallKind<Children> = {
  op: 'children',
  opcode: Opcode.GetChildren2,
  isIdempotent: true,
  read: ({ reader }, { path }) => ({
    path,
    names: decodeTexts(reader) ?? [],
    stat: readStat(reader),
  }),
};

export function children(view: View, path: string, options?: ReadOptions): Promise<Children> {
  return readNode(view, kind, path, options);
}
