/** Reads a node. */
import { Opcode } from '@zabra/wire';
import type { Bytes } from '../connection/bytes.ts';
import type { CallKind } from '../connection/call.ts';
import { type ReadOptions, readNode } from './read.ts';
import { readStat, type Stat } from './stat.ts';
import type { View } from './view.ts';

export interface ZNode<T = Bytes> {
  readonly path: string;
  readonly data: T;
  readonly stat: Stat;
}

const kind: CallKind<ZNode> = {
  op: 'get',
  opcode: Opcode.GetData,
  isIdempotent: true,
  read: (answer, { path }) => ({ path, data: answer.data(), stat: readStat(answer.reader) }),
};

export function get(view: View, path: string, options?: ReadOptions): Promise<ZNode> {
  return readNode(view, kind, path, options);
}
