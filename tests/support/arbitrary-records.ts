/** Values of the records that many requests and transactions are made of, for property tests. */
import { type Acl, asSessionId, asZxid, type PersistedStat, type Stat } from '@zabra/wire';
import fc from 'fast-check';

export const arbitraryInt: fc.Arbitrary<number> = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
export const arbitraryLong: fc.Arbitrary<bigint> = fc.bigInt({
  min: -(2n ** 63n),
  max: 2n ** 63n - 1n,
});
export const arbitraryZxid = arbitraryLong.map(asZxid);
export const arbitrarySessionId = arbitraryLong.map(asSessionId);

/** Any string that UTF-8 can carry: lone surrogates cannot come back. */
export const arbitraryText: fc.Arbitrary<string> = fc.string({ unit: 'binary', maxLength: 12 });
export const arbitraryTexts = fc.array(arbitraryText, { maxLength: 4 });
export const arbitraryNullableText = fc.option(arbitraryText);
export const arbitraryData = fc.option(fc.uint8Array({ maxLength: 300 }));

const arbitraryAcl: fc.Arbitrary<Acl> = fc.record({
  perms: arbitraryInt,
  id: fc.record({ scheme: arbitraryText, id: arbitraryText }),
});
export const arbitraryAcls = fc.array(arbitraryAcl, { maxLength: 3 });
export const arbitraryNullableAcls = fc.option(arbitraryAcls);

const persisted = {
  czxid: arbitraryZxid,
  mzxid: arbitraryZxid,
  ctime: arbitraryLong,
  mtime: arbitraryLong,
  version: arbitraryInt,
  cversion: arbitraryInt,
  aversion: arbitraryInt,
  ephemeralOwner: arbitraryLong,
  pzxid: arbitraryZxid,
};

export const arbitraryPersistedStat: fc.Arbitrary<PersistedStat> = fc.record(persisted);
export const arbitraryStat: fc.Arbitrary<Stat> = fc.record({
  ...persisted,
  dataLength: arbitraryInt,
  numChildren: arbitraryInt,
});
