/** What is known of a node, or null where there is none; a watch tells of both. */
import { Opcode } from '@zabra/wire';
import type { CallKind } from '../connection/call.ts';
import { type ReadOptions, readNode } from './read.ts';
import { readStat, type Stat } from './stat.ts';
import type { View } from './view.ts';

const kind: CallKind<Stat | null> = {
  op: 'exists',
  opcode: Opcode.Exists,
  isIdempotent: true,
  read: ({ reader }) => readStat(reader),
  missing: { value: null },
};

export function exists(view: View, path: string, options?: ReadOptions): Promise<Stat | null> {
  return readNode(view, kind, path, options);
}
