/** How scripts write down and print what requests are made of. */
import {
  type Acl,
  assert,
  EventType,
  encodeUtf8,
  formatPermissions,
  parsePermissions,
  type Stat,
} from '@zabra/wire';
import type { World } from './world.ts';

const eventNames: ReadonlyMap<number, string> = new Map<number, string>([
  [EventType.Created, 'NodeCreated'],
  [EventType.Deleted, 'NodeDeleted'],
  [EventType.DataChanged, 'NodeDataChanged'],
  [EventType.ChildrenChanged, 'NodeChildrenChanged'],
]);

export function eventName(type: number): string {
  return eventNames.get(type) ?? `event ${type}`;
}

/** `null`, `fill:N` for N bytes, `hex:00ff`, or text. */
export function parseData(text: string): Uint8Array | null {
  if (text === 'null') return null;
  if (text.startsWith('fill:')) return new Uint8Array(Number(text.slice(5))).fill(0x2e);
  return text.startsWith('hex:') ? parseHex(text.slice(4)) : encodeUtf8(text);
}

export function parseHex(text: string): Uint8Array {
  const digits = text.replaceAll(/[^0-9a-f]/g, '');
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
    Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  );
}

export function formatData(data: Uint8Array | null): string {
  if (data === null) return 'null';
  if (data.length > 40) return `${data.length} bytes`;
  if (data.every((byte) => byte >= 0x20 && byte < 0x7f)) {
    return JSON.stringify(String.fromCharCode(...data));
  }
  return `hex:${Array.from(data, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/**
 * `world:anyone:r,digest:bob:hash:cdrwa`: scheme up to the first colon, permissions from the last.
 * `none` is a list without entries, `null` no list.
 */
export function parseAcl(text: string): readonly Acl[] | null {
  if (text === 'null') return null;
  if (text === 'none') return [];
  return text.split(',').map((entry) => {
    const first = entry.indexOf(':');
    const last = entry.lastIndexOf(':');
    const perms = parsePermissions(entry.slice(last + 1));
    assert(perms !== null && first < last, `${entry} is an entry`);
    return { perms, id: { scheme: entry.slice(0, first), id: entry.slice(first + 1, last) } };
  });
}

export function formatAcl(acl: readonly Acl[] | null): string {
  if (acl === null) return 'null';
  const entries = acl.map(({ perms, id }) => `${id.scheme}:${id.id}:${formatPermissions(perms)}`);
  return `[${entries.join(', ')}]`;
}

export function formatStat(world: World, stat: Stat): string {
  const { czxid, mzxid, pzxid, ctime, mtime, version, cversion, aversion } = stat;
  return [
    `czxid=${czxid} mzxid=${mzxid} pzxid=${pzxid} ctime=${ctime} mtime=${mtime}`,
    `version=${version} cversion=${cversion} aversion=${aversion}`,
    `owner=${formatOwner(world, stat.ephemeralOwner)}`,
    `length=${stat.dataLength} children=${stat.numChildren}`,
  ].join(' ');
}

/** A session by its first client's name. */
export function formatOwner(world: World, owner: bigint): string {
  if (owner === 0n) return '0';
  const unsigned = BigInt.asUintN(64, owner);
  return world.nameOf(unsigned) ?? `0x${unsigned.toString(16)}`;
}

export function quoteList(list: readonly string[]): string {
  return `[${[...list].sort().map(quote).join(', ')}]`;
}

/** Paths stand as they are unless something in them could not be seen. */
export function quote(path: string): string {
  if (/^[\x21-\x7e\u00a1-\u9fff]+$/.test(path)) return path;
  const hex = (unit: string): string => unit.charCodeAt(0).toString(16).padStart(4, '0');
  return JSON.stringify(path).replaceAll(/[^\x20-\x7e]/g, (unit) => `\\u${hex(unit)}`);
}
