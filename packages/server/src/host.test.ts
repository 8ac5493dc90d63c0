// Members of an ensemble, each with a loop and sockets of its own, on the loopback.

import { asServerId, encodeCreateRequest, type Member, OPEN_ACL, Opcode } from '@zabra/wire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Loopback } from './testing/loopback.ts';
import { RawClient } from './testing/raw-client.ts';
import { TestMember } from './testing/test-member.ts';

const PATIENCE = { timeout: 8000 };

let loopback: Loopback;
let lines: Member[];
let members: TestMember[];

beforeEach(async () => {
  loopback = new Loopback();
  members = [];
  lines = [];
  for (const id of [1n, 2n, 3n]) {
    const quorumPort = await loopback.freePort();
    const electionPort = await loopback.freePort();
    lines.push({
      id: asServerId(id),
      role: 'participant',
      addresses: [{ host: '127.0.0.1', quorumPort, electionPort }],
      client: null,
      secureClient: null,
    });
  }
});

afterEach(() => {
  const ends = members.map(({ end }) => end);
  for (const member of members) member.stop();
  loopback.close();
  expect(ends.filter((end) => end !== null)).toEqual([]);
});

async function start(...ids: readonly number[]): Promise<void> {
  const ensemble = { members: lines, groups: [], weights: [], version: 0n };
  for (const id of ids) members.push(await TestMember.start(lines[id - 1]!, ensemble));
}

function roles(...expected: readonly string[]): Promise<void> {
  return expect.poll(() => members.map(({ role }) => role).sort(), PATIENCE).toEqual(expected);
}

function member(role: string): TestMember {
  return members.find((candidate) => candidate.role === role)!;
}

async function write(at: TestMember, path: string, data: string): Promise<void> {
  const client = await RawClient.open(at.clientPort);
  const bytes = new TextEncoder().encode(data);
  const { error } = await client.request(Opcode.Create, (writer) =>
    encodeCreateRequest(writer, { path, data: bytes, acl: OPEN_ACL, flags: 0 }),
  );
  expect(error).toBe(0);
  client.cut();
}

async function read(at: TestMember, path: string): Promise<string> {
  const client = await RawClient.open(at.clientPort);
  const { error, body } = await client.request(Opcode.GetData, (writer) => {
    writer.string(path);
    writer.boolean(false);
  });
  client.cut();
  return error === 0 ? new TextDecoder().decode(body.buffer() ?? undefined) : `error ${error}`;
}

describe('members of an ensemble', { timeout: 30_000 }, () => {
  it('find a leader, and write what a client of any of them says', async () => {
    await start(1, 2, 3);
    await roles('following', 'following', 'leading');
    await write(member('following'), '/a', 'by a follower');
    await write(member('leading'), '/b', 'by the leader');
    for (const each of members) {
      await expect.poll(() => read(each, '/a'), PATIENCE).toBe('by a follower');
      await expect.poll(() => read(each, '/b'), PATIENCE).toBe('by the leader');
    }
  });

  it('give a late one what it lacks', async () => {
    await start(1, 2);
    await roles('following', 'leading');
    await write(member('following'), '/a', 'before it came');
    await start(3);
    await roles('following', 'following', 'leading');
    await expect.poll(() => read(members[2]!, '/a'), PATIENCE).toBe('before it came');
  });

  it('go on under another leader when theirs dies', async () => {
    await start(1, 2, 3);
    await roles('following', 'following', 'leading');
    await write(member('leading'), '/a', 'kept');
    const leader = member('leading');
    members.splice(members.indexOf(leader), 1);
    leader.stop();
    await expect(RawClient.open(leader.clientPort)).rejects.toThrow('hung up');
    await expect(loopback.connect(leader.electionPort)).rejects.toThrow('ECONNREFUSED');
    await roles('following', 'leading');
    await write(member('following'), '/b', 'after');
    for (const each of members) expect(await read(each, '/a')).toBe('kept');
  });

  it('serve nobody without a quorum, and again with one', async () => {
    await start(1, 2);
    await roles('following', 'leading');
    members.pop()!.stop();
    await roles('not serving');
    await expect(RawClient.open(members[0]!.clientPort)).rejects.toThrow('hung up');
    await start(3);
    await roles('following', 'leading');
  });

  it('end where no other can ever reach them', async () => {
    const { port } = await loopback.listen(() => {});
    const [place] = lines[0]!.addresses;
    lines[0] = { ...lines[0]!, addresses: [{ ...place!, electionPort: port }] };
    await start(1);
    const alone = members.pop()!;
    await expect
      .poll(() => alone.end, PATIENCE)
      .toContain(`election port 127.0.0.1:${port} is in use`);
    await expect(RawClient.open(alone.clientPort)).rejects.toThrow('hung up');
    alone.stop();
  });
});
