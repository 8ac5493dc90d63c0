/** Reads what a restarted server holds, sorted by the writer it belongs to. */
import type { RawClient } from '../support/raw-client.ts';
import { JuteCursor } from '../support/raw-jute.ts';
import { readStat } from '../support/raw-replies.ts';
import { Op, pathAndWatch } from '../support/raw-requests.ts';
import { type FoundNode, LINE, lineKey } from './model.ts';
import type { Writer } from './writer.ts';

const TAG = /^([^:]+):\d+:/;

export interface Recovered {
  /** By writer name, then by the key a belief uses. */
  readonly nodes: ReadonlyMap<string, ReadonlyMap<string, FoundNode>>;
  readonly line: readonly FoundNode[];
}

export async function readRecovered(
  client: RawClient,
  writers: readonly Writer[],
): Promise<Recovered> {
  const nodes = new Map<string, Map<string, FoundNode>>();
  for (const writer of writers) {
    const found = await readBelow(client, writer.root);
    nodes.set(writer.name, new Map(found.map((node) => [node.name, node])));
  }
  const line = await readBelow(client, LINE);
  for (const node of line) {
    const [tag, name = ''] = TAG.exec(node.data) ?? [];
    if (tag !== undefined) nodes.get(name)?.set(lineKey(tag), node);
  }
  return { nodes, line };
}

async function readBelow(client: RawClient, parent: string): Promise<FoundNode[]> {
  const list = await client.must(Op.getChildren, pathAndWatch(parent));
  const names = new JuteCursor(list.body).strings();
  return Promise.all(
    names.map(async (name) => {
      const reply = await client.must(Op.getData, pathAndWatch(`${parent}/${name}`));
      const cursor = new JuteCursor(reply.body);
      const data = cursor.buffer()?.toString() ?? '';
      return { ...readStat(cursor), name, data };
    }),
  );
}
