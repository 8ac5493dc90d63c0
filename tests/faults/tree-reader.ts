/** Reads a whole tree through a session, in the form the golden data directories are described. */
import { RawClient } from '../support/raw-client.ts';
import { JuteCursor } from '../support/raw-jute.ts';
import { readStat, type Stat } from '../support/raw-replies.ts';
import { Op, pathAndWatch, pathOnly } from '../support/raw-requests.ts';

export interface DescribedNode {
  readonly path: string;
  /** base64; null where the node holds null. */
  readonly data: string | null;
  readonly stat: Readonly<Record<string, number | string>>;
  readonly acl: readonly { readonly perms: number; readonly scheme: string; readonly id: string }[];
}

/** Reads everything, with the rights of the super user, sorted by path. */
export async function readTree(port: number, superPassword: string): Promise<DescribedNode[]> {
  const client = await RawClient.connect({ port });
  const granted = await client.auth('digest', `super:${superPassword}`);
  if (granted.error !== 0) throw new Error('the super user was refused');
  const nodes: DescribedNode[] = [];
  const waiting = ['/'];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    nodes.push(await readNode(client, path));
    const children = await client.must(Op.getChildren, pathAndWatch(path));
    for (const name of new JuteCursor(children.body).strings()) {
      waiting.push(path === '/' ? `/${name}` : `${path}/${name}`);
    }
  }
  client.destroy();
  return nodes.sort(byPath);
}

export function byPath(a: DescribedNode, b: DescribedNode): number {
  return a.path < b.path ? -1 : 1;
}

async function readNode(client: RawClient, path: string): Promise<DescribedNode> {
  const data = new JuteCursor((await client.must(Op.getData, pathAndWatch(path))).body);
  const bytes = data.buffer();
  const stat = readStat(data);
  const list = new JuteCursor((await client.must(Op.getAcl, pathOnly(path))).body);
  const acl = Array.from({ length: list.int() }, () => ({
    perms: list.int(),
    scheme: list.string() ?? '',
    id: list.string() ?? '',
  }));
  return { path, data: bytes?.toString('base64') ?? null, stat: described(stat), acl };
}

const hex = (value: bigint): string => `0x${BigInt.asUintN(64, value).toString(16)}`;

function described(stat: Stat): DescribedNode['stat'] {
  return {
    ...stat,
    czxid: hex(stat.czxid),
    mzxid: hex(stat.mzxid),
    pzxid: hex(stat.pzxid),
    ephemeralOwner: hex(stat.ephemeralOwner),
    ctime: Number(stat.ctime),
    mtime: Number(stat.mtime),
  };
}
