/** getACL: the list and the Stat; whoever may not administer the node sees digests masked. */
import { ErrorCode, Permission } from '@zabra/wire';
import { encodeAclEntries } from '../acl/acl-list.ts';
import { MALFORMED } from '../preparation.ts';
import type { Reading } from '../reading.ts';

export function readGetAcl(r: Reading): number {
  if (r.reader.span() < 0) return MALFORMED;
  const row = r.find();
  if (row < 0) return ErrorCode.NoNode;
  const acl = r.tree.aclOf(row);
  if (!r.permits(Permission.Read | Permission.Admin, acl)) return ErrorCode.NoAuth;
  const encoded = r.permits(Permission.Admin, acl)
    ? acl.encoded
    : encodeAclEntries(
        acl.entries.map((entry) =>
          entry.scheme === 'digest' ? { ...entry, id: masked(entry.id) } : entry,
        ),
      );
  r.out.reserve(encoded.length);
  r.out.bytes.set(encoded, r.out.position);
  r.out.position += encoded.length;
  r.writeStat(row);
  return ErrorCode.Ok;
}

function masked(id: string): string {
  const colon = id.indexOf(':');
  return colon < 0 ? id : `${id.slice(0, colon)}:x`;
}
