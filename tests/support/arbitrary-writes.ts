/** Writes as clients send them, few enough names that most of them concern a node that is there. */
import { type Acl, CreateFlags, type MultiOp, Opcode } from '@zabra/wire';
import fc from 'fast-check';
import type { ModelWrite } from '../../packages/tree/src/testing/model.ts';

export const openAcl: readonly Acl[] = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];

function acl(perms: number, scheme: string, id: string): Acl {
  return { perms, id: { scheme, id } };
}

const acls: fc.Arbitrary<readonly Acl[] | null> = fc.oneof(
  { weight: 24, arbitrary: fc.constant(openAcl) },
  {
    weight: 4,
    arbitrary: fc.constantFrom<readonly Acl[] | null>(
      [acl(1, 'world', 'anyone')],
      [acl(5, 'world', 'anyone'), acl(31, 'digest', 'bob:hash')],
      [acl(31, 'digest', 'bob:hash')],
      [acl(31, 'auth', '')],
      [acl(1, 'world', 'anyone'), acl(1, 'world', 'anyone'), acl(30, 'auth', 'ignored')],
      [acl(31, 'digest', 'nobody')],
      [acl(31, 'world', 'someone')],
      [acl(31, 'kerberos', 'bob')],
      [],
      null,
    ),
  },
);

// Few names, or hardly any write would find what it is about.
const names = fc.constantFrom('a', 'a', 'b', 'é');
const plainPaths = fc.oneof(
  { weight: 6, arbitrary: names.map((name) => `/${name}`) },
  { weight: 4, arbitrary: fc.tuple(names, names).map(([a, b]) => `/${a}/${b}`) },
  { weight: 1, arbitrary: fc.tuple(names, names, names).map(([a, b, c]) => `/${a}/${b}/${c}`) },
);
const sequencePaths = fc
  .tuple(names, fc.nat(6))
  .map(([name, n]) => `/${name}/s${String(n).padStart(10, '0')}`);
const oddPaths = fc.constantFrom(
  '',
  '/',
  '//',
  '//a',
  'a',
  'a/b',
  '/a/',
  '/a//b',
  '/a/.',
  '/../a',
  '/.a',
  '/a\u0000b',
  '/a\u001f',
  '/\ud83d\ude00',
  '/\ufffd',
  '/zookeeper',
  '/zookeeper/',
  '/zookeeper/quota',
  '/zookeeper/config',
  '/zookeeper/own',
  '/zookeeperx',
);
const paths = fc.oneof(
  { weight: 60, arbitrary: plainPaths },
  { weight: 4, arbitrary: sequencePaths },
  { weight: 3, arbitrary: oddPaths },
);

const data = fc.oneof(
  { weight: 8, arbitrary: fc.uint8Array({ maxLength: 20 }) },
  { weight: 2, arbitrary: fc.constant(null) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(120, 129, 1000, 8192, 8193, 9000), fc.nat(255))
      .map(([length, byte]) => new Uint8Array(length).fill(byte)),
  },
);
const versions = fc.oneof(
  { weight: 8, arbitrary: fc.constant(-1) },
  { weight: 5, arbitrary: fc.nat(2) },
  { weight: 1, arbitrary: fc.constant(-2) },
);
const flags = fc.oneof(
  { weight: 24, arbitrary: fc.constant<number>(CreateFlags.Persistent) },
  { weight: 12, arbitrary: fc.integer({ min: 1, max: 4 }) },
  { weight: 2, arbitrary: fc.constantFrom(-1, 5, 6, 7) },
);
const create = fc.record({ path: paths, data, acl: acls, flags });
const sequential = fc.record({
  path: names.map((name) => `/${name}/s`),
  data,
  acl: fc.constant(openAcl),
  flags: fc.constantFrom(2, 3),
});
const ttls = fc.constantFrom(1n, 0n, -1n, 60_000n, 2n ** 40n - 1n, 2n ** 40n);

const op: fc.Arbitrary<MultiOp> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({
      type: fc.constantFrom(Opcode.Create, Opcode.Create2),
      body: fc.oneof(create, sequential),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant(Opcode.CreateContainer), body: create }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant(Opcode.CreateTtl),
      body: fc.record({
        path: paths,
        data,
        acl: acls,
        flags: fc.constantFrom(5, 6, 5, 6, 0),
        ttl: ttls,
      }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant(Opcode.Delete),
      body: fc.record({ path: paths, version: versions }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant(Opcode.SetData),
      body: fc.record({ path: paths, data, version: versions }),
    }),
  },
);
const check: fc.Arbitrary<MultiOp> = fc.record({
  type: fc.constant(Opcode.Check),
  body: fc.record({ path: paths, version: versions }),
});
export const arbitraryWrite: fc.Arbitrary<ModelWrite> = fc.oneof(
  { weight: 10, arbitrary: op },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant(Opcode.SetAcl),
      body: fc.record({ path: paths, acl: acls, version: versions }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant(Opcode.Multi),
      body: fc.record({
        ops: fc.array(fc.oneof({ weight: 5, arbitrary: op }, { weight: 1, arbitrary: check }), {
          maxLength: 5,
        }),
      }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant(Opcode.DeleteContainer),
      body: fc.record({ path: paths }),
    }),
  },
);
