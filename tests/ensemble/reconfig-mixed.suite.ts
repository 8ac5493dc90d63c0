/**
 * Members of ours and of Apache's that change together: a leader of either kind proposes it, members
 * of either kind agree, and clients of Apache's and of Python ask for it.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { run } from '../support/peers-cache.ts';
import { kazooPeer } from '../support/peers-python.ts';
import { installShell } from '../support/peers-zkcli.ts';
import type { Product } from '../support/server.ts';
import { expectAgreement, expectRoles } from './agreement.ts';
import { ChangingEnsemble } from './changing-ensemble.ts';

const PATIENCE = { timeout: 30_000, interval: 200 };

let ensemble: ChangingEnsemble | null = null;

async function changing(...products: readonly Product[]): Promise<ChangingEnsemble> {
  ensemble = await ChangingEnsemble.from({}, ...products);
  return ensemble;
}

async function expectOneConfiguration(all: ChangingEnsemble, text: string): Promise<void> {
  for (const id of all.running) {
    await expect.poll(() => all.configuration(id), PATIENCE).toBe(text);
  }
}

afterEach(async () => {
  await ensemble?.end();
  ensemble = null;
});

describe('members of both kinds', { timeout: 300_000 }, () => {
  // With nothing to tell votes apart, the highest id leads.
  it.each<[string, readonly Product[]]>([
    ['ours leads one of 3.8', ['apache38', 'zabra', 'zabra']],
    ['one of 3.8 leads ours', ['zabra', 'zabra', 'apache38']],
    ['ours leads one of 3.9', ['apache39', 'zabra', 'zabra']],
    ['one of 3.9 leads ours', ['zabra', 'zabra', 'apache39']],
  ])('change while %s', async (_, products) => {
    const all = await changing(...products);
    await all.start(1, 3);
    await all.start(2);
    await expectRoles(all, 2);
    expect(await all.leader()).toBe(3);
    await all.write(1, '/before');
    // One of each kind joins, first without a vote.
    const joiners = [
      await all.recruit('zabra'),
      await all.recruit(products[0] === 'zabra' ? products[2]! : products[0]!),
    ];
    await all.start(...joiners);
    const joining = joiners.map((id) => all.lineOf(id)).join(',');
    await expectOneConfiguration(all, await all.reconfigure(1, { joining }));
    await expectRoles(all, 4);
    for (const id of all.running) await all.write(id, `/of-five-${id}`);
    await expectAgreement(all, ['/before', ...all.running.map((id) => `/of-five-${id}`)]);
    // The leader leaves, and another is named for it.
    const at = joiners[0]!;
    await all.reconfigure(at, { leaving: '3' });
    await expect.poll(() => all.leader(), PATIENCE).not.toBe(3);
    await expectRoles(all, 4);
    await all.write(3, '/through-the-one-who-left');
    // And comes back, by whoever leads now.
    const text = await all.reconfigure(at, { joining: all.lineOf(3) });
    await expectOneConfiguration(all, text);
    await expectAgreement(all, ['/before', '/through-the-one-who-left']);
    // Each of the quorums is one of the new configuration.
    const next = await all.leader();
    await all.kill(next);
    const other = all.running.find((id) => id !== at)!;
    await all.kill(other);
    await expectRoles(all, 2);
    await all.write(at, '/with-three-of-five');
    await all.start(next, other);
    await expectRoles(all, 4);
    await expectAgreement(all, ['/before', '/with-three-of-five']);
  });

  it('take each other’s files: a member goes on in the directory of one of the other kind', async () => {
    const all = await changing('zabra', 'apache39', 'zabra');
    await all.start(1, 2, 3);
    await expectRoles(all, 2);
    const text = await all.reconfigure(1, { leaving: '9' });
    await expectOneConfiguration(all, text);
    await all.stop(1);
    await all.stop(2);
    all.become(1, 'apache39');
    all.become(2, 'zabra');
    await all.start(1, 2);
    await expectRoles(all, 2);
    await expectOneConfiguration(all, text);
    await all.write(2, '/exchanged');
    await expectAgreement(all, ['/exchanged']);
  });
});

describe('members of ours', { timeout: 300_000 }, () => {
  it('are changed by zkCli.sh 3.9', async () => {
    const all = await changing('zabra', 'zabra', 'zabra');
    await all.start(1, 2, 3);
    await expectRoles(all, 2);
    const leader = await all.leader();
    const [at = 0, gone = 0] = all.running.filter((id) => id !== leader);
    const joiner = await all.recruit('zabra');
    await all.start(joiner);
    const shell = (await installShell('3.9'))(['-server', `127.0.0.1:${all.portOf(at)}`]);
    const says = async (line: string, ...expected: readonly string[]): Promise<void> => {
      const before = shell.printed();
      const from = { stdout: before.stdout.length, stderr: before.stderr.length };
      shell.type(line);
      await expect
        .poll(() => {
          const { stdout, stderr } = shell.printed();
          return [...stdout.slice(from.stdout), ...stderr.slice(from.stderr)].join('\n');
        }, PATIENCE)
        .toEqual(expect.stringMatching(new RegExp(expected.map(escaped).join('[^]*'))));
    };
    await says(`reconfig -add ${all.lineOf(joiner)}`, 'Insufficient permission : ');
    await says('addauth digest super:secret');
    await says(
      `reconfig -add ${all.lineOf(joiner)}`,
      'Committed new configuration:',
      all.lineOf(joiner),
      'version=',
    );
    await says('config', all.lineOf(1), all.lineOf(joiner));
    await says('config -c', `127.0.0.1:${all.portOf(joiner)}`);
    await says('reconfig -v 5 -remove 3', 'version No is not valid : ');
    await says('reconfig -add bogus', 'Arguments are not valid : ');
    await says('reconfig -remove 1,2,3', 'Arguments are not valid : ');
    const absent = 'server.8=127.0.0.1:1:2;3,server.9=127.0.0.1:4:5;6';
    await says(
      `reconfig -members ${all.lineOf(1)},${absent}`,
      'No quorum of new config is connected',
    );
    await says(`reconfig -remove ${joiner}`, 'Committed new configuration:', 'version=');
    await says(
      `reconfig -members ${[leader, at, joiner].map((id) => all.lineOf(id)).join(',')}`,
      'Committed new configuration:',
      all.lineOf(joiner),
    );
    await shell.end();
    expect(await all.configuration(leader)).not.toContain(`server.${gone}=`);
  });

  it('are changed by kazoo', async () => {
    const all = await changing('zabra', 'zabra', 'zabra');
    await all.start(1, 2, 3);
    await expectRoles(all, 2);
    const leader = await all.leader();
    const [at = 0, gone = 0] = all.running.filter((id) => id !== leader);
    const joiner = await all.recruit('zabra');
    await all.start(joiner);
    const { command, env } = await kazooPeer();
    const program = [
      'import sys',
      'from kazoo.client import KazooClient',
      'from kazoo.exceptions import NewConfigNoQuorumError, BadArgumentsError, BadVersionError',
      'zk = KazooClient(hosts=sys.argv[1], auth_data=[("digest", "super:secret")])',
      'zk.start()',
      'data, stat = zk.reconfig(joining=sys.argv[2], leaving=sys.argv[3], new_members=None)',
      'print(data.decode())',
      'def refused(kind, **change):',
      '    try: zk.reconfig(**{"joining": None, "leaving": None, "new_members": None, **change})',
      '    except kind: print(kind.__name__)',
      'refused(BadArgumentsError, leaving="1,2,4")',
      'refused(BadVersionError, leaving="1", from_config=5)',
      'refused(NewConfigNoQuorumError, new_members="server.8=a:1:2;3,server.9=b:1:2;3")',
      'zk.stop()',
    ];
    const args = [`127.0.0.1:${all.portOf(at)}`, all.lineOf(joiner), `${gone}`];
    const { stdout } = await run(command, ['-c', program.join('\n'), ...args], {
      ...(env === undefined ? {} : { env }),
    });
    expect(stdout).toContain(all.lineOf(joiner));
    expect(stdout).not.toContain(`server.${gone}=`);
    for (const name of ['BadArgumentsError', 'BadVersionError', 'NewConfigNoQuorumError']) {
      expect(stdout).toContain(name);
    }
  });
});

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
