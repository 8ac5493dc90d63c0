/**
 * Behaviours the golden bytes do not show, on which the release lines or Zabra differ: a probe for
 * each, and what each server answers. The probes are tried on Apache's servers as well, so that a
 * wrong belief about them cannot hide here.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RawClient } from '../support/raw-client.ts';
import { readMultiResults } from '../support/raw-replies.ts';
import {
  createBody,
  createTtlBody,
  multiBody,
  Op,
  pathAndInt,
  pathAndWatch,
  pathOnly,
  setDataBody,
  setWatchesBody,
} from '../support/raw-requests.ts';
import type { Product } from '../support/server.ts';

export interface Difference {
  readonly name: string;
  readonly reason: string;
  /** A product that is left out is not asked: the probe would harm it, or it may answer either way. */
  readonly answers: Partial<Readonly<Record<Product, string>>>;
  readonly probe: (open: () => Promise<RawClient>) => Promise<string>;
}

const BOB_ONLY = [{ perms: 31, scheme: 'digest', id: 'bob:ikIaKsbtGweaHnb/jKn7OHqbunM=' }];
const CONTAINER_PATIENCE_MS = 2000;
const WATCHER = { data: 2, persistent: 4, recursive: 5 } as const;
const ADD_PERSISTENT = 0;
const IMPOSSIBLE_FLAGS = 9;

const errorOf = async (client: RawClient, type: number, body: Buffer): Promise<string> =>
  `error ${(await client.call(type, body)).error}`;

export const differences: readonly Difference[] = [
  {
    name: 'exists of a node one may not read',
    reason: 'since 3.8.4 and 3.9.2 exists needs READ where the node exists',
    answers: { apache38: 'error 0', apache39: 'error -102', zabra: 'error -102' },
    probe: async (open) => {
      const client = await open();
      await client.must(Op.create, createBody('/private', { acl: BOB_ONLY }));
      return errorOf(client, Op.exists, pathAndWatch('/private'));
    },
  },
  {
    name: 'check outside a multi',
    reason: 'unknown since 3.8.5 and 3.9.3; before, it went unanswered and damaged the log',
    answers: { apache39: 'error -6', zabra: 'error -6' },
    probe: async (open) => errorOf(await open(), Op.check, pathAndInt('/', -1)),
  },
  {
    name: 'removing a persistent watch by its own type',
    reason: 'types 4 and 5 came with 3.9.0',
    answers: { apache38: 'error -5', apache39: 'error 0', zabra: 'error 0' },
    probe: async (open) => {
      const client = await open();
      await client.must(Op.addWatch, pathAndInt('/persistent', ADD_PERSISTENT));
      return errorOf(client, Op.removeWatches, pathAndInt('/persistent', WATCHER.persistent));
    },
  },
  {
    name: 'removing a recursive watch that is not there',
    reason: 'types 4 and 5 came with 3.9.0',
    answers: { apache38: 'error -5', apache39: 'error -121', zabra: 'error -121' },
    probe: async (open) =>
      errorOf(await open(), Op.removeWatches, pathAndInt('/nothing', WATCHER.recursive)),
  },
  {
    name: 'a persistent watch where a data watch is asked for',
    reason: 'since 3.9 the kinds of watches on one path are told apart',
    answers: { apache38: 'error 0', apache39: 'error -121', zabra: 'error -121' },
    probe: async (open) => {
      const client = await open();
      await client.must(Op.addWatch, pathAndInt('/kinds', ADD_PERSISTENT));
      return errorOf(client, Op.checkWatches, pathAndInt('/kinds', WATCHER.data));
    },
  },
  {
    name: 'a data watch set on top of a persistent one',
    reason: 'before 3.9 the last registration replaced the mode of the earlier one',
    answers: { apache38: '1 event', apache39: '2 events', zabra: '2 events' },
    probe: async (open) => {
      const client = await open();
      await client.must(Op.create, createBody('/both'));
      await client.must(Op.addWatch, pathAndInt('/both', ADD_PERSISTENT));
      await client.must(Op.getData, pathAndWatch('/both', true));
      await client.must(Op.setData, setDataBody('/both', '1'));
      await client.must(Op.setData, setDataBody('/both', '2'));
      return client.events.length === 1 ? '1 event' : `${client.events.length} events`;
    },
  },
  {
    name: 'impossible flags inside a multi',
    reason: 'since 3.8.2 and 3.9.0 they make the whole request undecodable',
    answers: { apache38: 'results -8 -2', apache39: 'error -5', zabra: 'error -5' },
    probe: async (open) => {
      const client = await open();
      const parts = [
        { type: Op.create, body: createBody('/flags', { flags: IMPOSSIBLE_FLAGS }) },
        { type: Op.create, body: createBody('/behind') },
      ];
      const reply = await client.call(Op.multi, multiBody(parts));
      if (reply.error !== 0) return `error ${reply.error}`;
      return `results ${readMultiResults(reply.body)
        .map((result) => result.error)
        .join(' ')}`;
    },
  },
  {
    name: 'a container made inside a multi with other flags than 4',
    reason: '3.8.0 forgets that it is a container, so it is never removed',
    answers: { apache38: 'stays', apache39: 'is removed', zabra: 'is removed' },
    probe: async (open) => {
      const client = await open();
      const parts = [{ type: Op.createContainer, body: createBody('/container') }];
      await client.must(Op.multi, multiBody(parts));
      await client.must(Op.create, createBody('/container/child'));
      await client.must(Op.delete, pathAndInt('/container/child', -1));
      const deadline = Date.now() + CONTAINER_PATIENCE_MS;
      while (Date.now() < deadline) {
        const reply = await client.call(Op.exists, pathAndWatch('/container'));
        if (reply.error !== 0) return 'is removed';
        await sleep(50);
      }
      return 'stays';
    },
  },
  {
    name: 'an IPv6 address in an ip permission',
    reason: 'accepted since 3.9.4',
    answers: { apache38: 'error -114', apache39: 'error 0', zabra: 'error 0' },
    probe: async (open) => {
      const acl = [{ perms: 31, scheme: 'ip', id: '2001:db8::/32' }];
      return errorOf(await open(), Op.create, createBody('/six', { acl }));
    },
  },
  {
    name: 'deleteContainer from a client',
    reason: '3.9 removes any childless node without asking for a permission; Zabra knows better',
    answers: { apache38: 'error -8', apache39: 'error 0', zabra: 'error -6' },
    probe: async (open) => {
      const client = await open();
      await client.must(Op.create, createBody('/protected', { acl: BOB_ONLY }));
      return errorOf(client, Op.deleteContainer, pathOnly('/protected'));
    },
  },
  {
    name: 'createSession from a client',
    reason: 'Apache answers a handshake in mid-stream, which no client can make sense of',
    answers: { zabra: 'error -6' },
    probe: async (open) => errorOf(await open(), Op.createSession, Buffer.alloc(4)),
  },
  {
    name: 'createTTL with plain flags and a negative time',
    reason: 'it stops an Apache server for good, since the log repeats it',
    answers: { zabra: 'error -8' },
    probe: async (open) => errorOf(await open(), Op.createTtl, createTtlBody('/ttl', -1n)),
  },
  {
    name: 'the reply to auth behind an unfinished write',
    reason: 'Apache lets it overtake; Zabra keeps all replies in order',
    answers: { zabra: 'create, auth' },
    probe: async (open) => {
      const client = await open();
      const order: string[] = [];
      const create = client
        .call(Op.create, createBody('/ordered'))
        .then(() => order.push('create'));
      const auth = client.auth('digest', 'bob:pw').then(() => order.push('auth'));
      await Promise.all([create, auth]);
      return order.join(', ');
    },
  },
  {
    name: 'catching up on a node one may not read',
    reason: 'Apache forgets to filter these events by READ; Zabra treats them as any other',
    answers: { apache38: '1 event', apache39: '1 event', zabra: '0 events' },
    probe: async (open) => {
      const client = await open();
      await client.must(Op.create, createBody('/unseen', { acl: BOB_ONLY }));
      await client.must(Op.setWatches, setWatchesBody(0n, { exist: ['/unseen'] }));
      return client.events.length === 1 ? '1 event' : `${client.events.length} events`;
    },
  },
];
