/** How members of a group are written down, by different libraries. */
import { decodeUtf8, encodeUtf8 } from '@zabra/wire';
import type { ZNode } from '../../public.ts';
import { ForeignLayoutError } from '../foreign-layout.ts';

/** Curator's GroupMember, kazoo's Party and ShallowParty. */
export type GroupLayout = 'curator' | 'kazoo' | 'kazoo-shallow';

interface Form {
  /** As errors call it. */
  readonly what: string;
  readonly pattern: RegExp;
}

const forms: Readonly<Record<Exclude<GroupLayout, 'curator'>, Form>> = {
  kazoo: { what: "a member of kazoo's Party", pattern: /^[0-9a-f]{32}__party__$/ },
  'kazoo-shallow': { what: "a member of kazoo's ShallowParty", pattern: /^[0-9a-f]{32}-(.+)$/ },
};

export function memberName(layout: GroupLayout, id: string): string {
  const mark = crypto.randomUUID().replaceAll('-', '');
  if (layout === 'curator') return id;
  return layout === 'kazoo' ? `${mark}__party__` : `${mark}-${id}`;
}

/** The payload has a place of its own only in Curator's layout. */
export function memberData(layout: GroupLayout, id: string, payload: Uint8Array): Uint8Array {
  if (layout === 'curator') return payload;
  return encodeUtf8(layout === 'kazoo' ? id : '');
}

/** Throws if it is a member of another layout; null if it is none that anybody knows. */
export function memberId(layout: GroupLayout, name: string, { path, data }: ZNode): string | null {
  for (const [other, { what, pattern }] of Object.entries(forms)) {
    if (other === layout || !pattern.test(name)) continue;
    throw new ForeignLayoutError(path, name, what, `a group of the layout ${layout}`);
  }
  if (layout === 'curator') return name;
  const match = forms[layout].pattern.exec(name);
  if (match === null) return null;
  return layout === 'kazoo' ? decodeUtf8(data) : match[1]!;
}
