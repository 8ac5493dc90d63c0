/**
 * The golden story of one session (`main`) and its helpers: creating, reading, changing, deleting,
 * permissions, multis, quotas. Set-up that the recording left out is done in the recorded order,
 * so that transaction ids can be compared too.
 */
import { beforeAll, it } from 'vitest';
import { RawClient } from '../support/raw-client.ts';
import { AUTH_XID, authBody, createBody, Flags, Op, request } from '../support/raw-requests.ts';
import type { Story } from './story.ts';

/** The id of the transaction that opened the recorded main session. */
const MAIN_SESSION_ZXID = 13n;
const BOB = { perms: 31, scheme: 'digest', id: 'bob:ikIaKsbtGweaHnb/jKn7OHqbunM=' };
const READABLE = { perms: 1, scheme: 'world', id: 'anyone' };

const creating = [
  'create.persistent',
  'create.null_data',
  'create.sequential',
  'create.sequential.slash',
  'create.ephemeral',
  'create.ephemeral_sequential',
  'create2.persistent',
  'create2.ephemeral',
  'createContainer',
  'createTTL',
  'createTTL.sequential',
  'createTTL.err.ttl_zero',
  'create.err.nodeexists',
  'create.err.nonode',
  'create.err.badpath',
  'create.err.nochildrenforephemerals',
  'create.err.invalidacl.null',
  'create.err.invalidacl.scheme',
  'create.err.badflags',
  'create.err.marshalling',
];

const readingAndSetting = [
  'exists.ok',
  'exists.err.nonode',
  'getData.ok',
  'getData.null_data',
  'getData.err.nonode',
  'setData.any_version',
  'setData.version_match',
  'setData.err.badversion',
  'getChildren',
];

const withOneChild = ['getChildren2', 'getChildren.one', 'getAllChildrenNumber'];

const aclsAndRest = ['getACL', 'setACL', 'setACL.err.badversion', 'sync', 'ping', 'whoAmI'];

const deleting = [
  'delete.err.notempty',
  'delete.err.badversion',
  'delete.err.nonode',
  'delete.err.special',
  'delete.ok',
];

const multis = [
  'multi.ok',
  'multi.empty',
  'multi.failed',
  'multi.failed.check',
  'multi.ttl_container',
  'multi.err.badop',
  'multiRead',
];

const configuration = [
  'config.getData',
  'config.getACL',
  'reconfig.err.disabled',
  'root.exists.marshalling.null_path',
];

export interface Sessions {
  readonly main: () => RawClient;
  readonly open: () => Promise<RawClient>;
}

/** Opens `main` and ties recorded transaction ids to live ones. */
export function storySessions(story: () => Story): Sessions {
  let main: RawClient | undefined;
  const open = (): Promise<RawClient> =>
    RawClient.connect({ port: story().server.port, timeoutMs: 40_000 });
  beforeAll(async () => {
    main = await open();
    story().agreement.anchor(MAIN_SESSION_ZXID, (await main.ping()).zxid);
  });
  return {
    open,
    main: () => {
      if (!main) throw new Error('the main session has not been opened');
      return main;
    },
  };
}

export function treeCases(story: () => Story, { main, open }: Sessions): void {
  const playAll = (names: readonly string[]): void => {
    for (const name of names) it(name, () => story().play(name, main()));
  };

  playAll(creating);
  playAll(readingAndSetting);
  it('given a child of /g/c2', () => main().must(Op.create, createBody('/g/c2/only')));
  playAll(withOneChild);
  it('getEphemerals', async () => {
    const other = await open();
    await other.must(Op.create, createBody('/g/ephx', { flags: Flags.ephemeral }));
    await story().play('getEphemerals', other);
  });
  playAll(aclsAndRest);
  authenticationCases(story, { main, open });
  playAll(deleting);
  it('given /m', () => main().must(Op.create, createBody('/m')));
  playAll(multis);
}

function authenticationCases(story: () => Story, { main, open }: Sessions): void {
  let bob: RawClient;

  it('auth.digest.ok', async () => {
    bob = await open();
    await story().play('auth.digest.ok', bob);
  });
  it('create.acl_auth', () => story().play('create.acl_auth', bob));
  it('getACL.owner', () => story().play('getACL.owner', bob));
  it('getData.err.noauth', () => story().play('getData.err.noauth', main()));
  it('setData.err.noauth', () => story().play('setData.err.noauth', main()));
  it('getACL.masked', async () => {
    await bob.must(Op.create, createBody('/g/mask', { acl: [BOB, READABLE] }));
    await story().play('getACL.masked', main());
  });
  it('whoAmI.digest', () => story().play('whoAmI.digest', bob));
  it('auth.err.unknown_scheme', async () => {
    await story().play('auth.err.unknown_scheme', await open());
  });
  it('auth.super and getData.super', async () => {
    const superUser = await open();
    await story().play('auth.super', superUser);
    await story().play('getData.super', superUser);
  });
}

export function closingCases(story: () => Story, { main, open }: Sessions): void {
  it('quota.stats', async () => {
    await main().must(Op.create, createBody('/q'));
    await main().must(Op.create, createBody('/zookeeper/quota/q'));
    const limits = { data: 'count=-1,bytes=-1=;byteHardLimit=5' };
    await main().must(Op.create, createBody('/zookeeper/quota/q/zookeeper_limits', limits));
    const stats = { data: 'count=0,bytes=0' };
    await main().must(Op.create, createBody('/zookeeper/quota/q/zookeeper_stats', stats));
    await story().play('quota.stats', main());
  });
  it('quota.err.exceeded', () => story().play('quota.err.exceeded', main()));
  for (const name of configuration) it(name, () => story().play(name, main()));
  it('unknown_opcode', async () => {
    await story().play('unknown_opcode', await open());
  });
  it('closeSession', async () => {
    await story().play('closeSession', await open());
  });
}

/** Requests whose recorded answer needs a server nobody has touched. */
export function freshServerCases(story: () => Story): void {
  let client: RawClient;

  beforeAll(async () => {
    client = await RawClient.connect({ port: story().server.port, timeoutMs: 40_000 });
    story().agreement.anchor(1n, (await client.ping()).zxid);
  });
  for (const name of ['createTTL.err.unimplemented', 'root.exists.fresh', 'sasl.not_configured']) {
    it(name, () => story().play(name, client));
  }
  it('and the connection lives on', async () => {
    const reply = await client.post(request(AUTH_XID, Op.auth, authBody('digest', 'bob:pw')));
    if (reply.error !== 0) throw new Error(`authentication was refused with ${reply.error}`);
  });
}
