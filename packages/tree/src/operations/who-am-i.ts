/** whoAmI: every identity of the connection; of a digest only the user's name. */
import { ErrorCode } from '@zabra/wire';
import type { Reading } from '../reading.ts';

export function readWhoAmI(r: Reading): number {
  const { list } = r.identities;
  r.out.int(list.length);
  for (const { scheme, id } of list) {
    r.out.string(scheme);
    r.out.string(scheme === 'digest' ? (id.split(':')[0] ?? '') : id);
  }
  return ErrorCode.Ok;
}
