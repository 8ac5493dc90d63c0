// What a configuration with several servers makes of a member. Sentences that Apache ZooKeeper has
// for the same mistakes come first in ours.

import { asServerId } from '@zabra/wire';
import { describe, expect, it } from 'vitest';
import { ConfigError } from './config-error.ts';
import { describeOrigin } from './origin.ts';
import { type ResolvedSettings, resolveSettings } from './resolve-settings.ts';

const common = 'dataDir=/zk\ninitLimit=10\nsyncLimit=5\n';
const three = 'server.1=a:2888:3888\nserver.2=b:2888:3888\nserver.3=c:2888:3888;2182\n';

type Files = Readonly<Record<string, string>>;

function resolve(text: string, files: Files = {}): ResolvedSettings {
  const all: Files = { '/zk/myid': '3\n', ...files };
  return resolveSettings({ file: { path: 'zoo.cfg', text }, read: (path) => all[path] ?? null });
}

function errorOf(act: () => unknown): ConfigError {
  try {
    act();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a list of servers', () => {
  it('makes a member, with the client port of its own line', () => {
    const { settings, warnings, origins } = resolve(`${common}${three}`);
    expect(settings.ensemble).toMatchObject({ id: 3n, next: null, file: 'zoo.cfg' });
    expect(settings.ensemble?.committed).toMatchObject({ version: 0n, groups: [], weights: [] });
    expect(settings.ensemble?.committed.members[0]).toEqual({
      id: asServerId(1n),
      role: 'participant',
      addresses: [{ host: 'a', quorumPort: 2888, electionPort: 3888 }],
      client: null,
      secureClient: null,
    });
    expect(settings).toMatchObject({
      initLimitTicks: 10,
      syncLimitTicks: 5,
      connectLimitTicks: 10,
      electionGreetingMs: 15_000,
      electionCallMs: 5000,
      clientPort: 2182,
      clientPortAddress: undefined,
    });
    expect(describeOrigin(origins.clientPort)).toBe('zoo.cfg, line 6');
    expect(warnings).toEqual([]);
  });

  it.each([
    ['1', 1n],
    ['\n 1 \r\nnotes', 1n],
    ['+2', 2n],
    ['003', 3n],
  ])('finds this server by the file myid: %j', (myid, id) => {
    const text = `${common}clientPort=2182\n${three}`;
    expect(resolve(text, { '/zk/myid': myid }).settings.ensemble?.id).toBe(id);
  });

  it('may come from variables and arguments, without a file', () => {
    const { settings } = resolveSettings({
      env: {
        ZOO_SERVERS: 'server.1=a:1:2;2181 server.2=b:1:2;2181 server.3=c:1:2;2181',
        ZOO_INIT_LIMIT: '5',
        ZABRA_SYNC_LIMIT: '2',
        ZOO_DATA_DIR: '/data',
      },
      read: (path) => (path === '/data/myid' ? '2' : null),
    });
    expect(settings.ensemble).toMatchObject({ id: 2n, file: null });
    expect(settings.ensemble?.committed.members).toHaveLength(3);
  });

  it.each<[line: string, settings: Partial<ResolvedSettings['settings']>]>([
    ['connectToLearnerMasterLimit=3', { connectLimitTicks: 3 }],
    ['connectToLearnerMasterLimit=0', { connectLimitTicks: 10 }],
    ['cnxTimeout=700', { electionCallMs: 700 }],
    ['quorumCnxnTimeoutMs=800', { electionGreetingMs: 800 }],
    ['quorumCnxnTimeoutMs=-1', { electionGreetingMs: 15_000 }],
    ['tickTime=100', { electionGreetingMs: 500 }],
    ['electionPortBindRetry=0', { electionBindTriesMax: 0 }],
    ['quorumListenOnAllIPs=true', { quorumListensOnAll: true }],
    ['tcpKeepAlive=true', { peerTcpKeepAlive: true }],
    ['zookeeper.tcpKeepAlive=true', { peerTcpKeepAlive: true }],
    ['fastleader.maxNotificationInterval=900', { notificationMsMax: 900 }],
    ['leader.maxConcurrentSnapSyncs=3', { observerSnapSyncsMax: 3 }],
    ['maxConcurrentDiffSyncs=4', { observerDiffSyncsMax: 4 }],
    ['leader.maxTimeToWaitForEpoch=700', { leaderDesertionMs: 700 }],
    ['maxTimeToWaitForEpoch=-1', { leaderDesertionMs: 0 }],
    ['leaderServes=no', { leaderServes: false }],
    [
      'localSessionsEnabled=true\nlocalSessionsUpgradingEnabled=true',
      { localSessionsEnabled: true, localSessionsUpgradingEnabled: true },
    ],
    ['readonlymode.enabled=true', { readOnlyModeEnabled: true }],
    ['zookeeper.readonlymode.enabled=true', { readOnlyModeEnabled: true }],
    ['electionAlg=3', {}],
    ['peerType=participant', {}],
    ['leaderServes=yes\nobserverMasterPort=0\nsyncEnabled=true', {}],
    ['observerMasterPort=2191', { observerMasterPort: 2191 }],
    ['observerMaster.sizeLimit=1000', { observerMasterBytesMax: 1000 }],
    ['zookeeper.observerMaster.sizeLimit=1000', { observerMasterBytesMax: 1000 }],
    ['sslQuorum=false\nportUnification=false\nquorum.auth.enableSasl=false', {}],
  ])('reads %s', (line, expected) => {
    const { settings, warnings } = resolve(`${common}${three}${line}\n`);
    expect(settings).toMatchObject(expected);
    expect(warnings).toEqual([]);
  });

  it('takes groups and weights', () => {
    const text = `${common}${three}group.1=1:2\ngroup.2=3\nweight.2=0\n`;
    expect(resolve(text).settings.ensemble?.committed).toMatchObject({
      groups: [
        { id: 1n, members: [1n, 2n] },
        { id: 2n, members: [3n] },
      ],
      weights: [
        { member: 2n, weight: 0 },
        { member: 1n, weight: 1 },
        { member: 3n, weight: 1 },
      ],
    });
  });

  it('takes several addresses of a server where that is switched on', () => {
    const text = `${common}multiAddress.enabled=true\nserver.3=a:1:2|b:1:2;2181\nserver.4=c:1:2\nserver.5=[::1]:1:2\n`;
    const { members } = resolve(text).settings.ensemble!.committed;
    expect(members.map(({ addresses }) => addresses.map(({ host }) => host))).toEqual([
      ['a', 'b'],
      ['c'],
      ['::1'],
    ]);
  });
});

describe('what a list of servers is warned of', () => {
  const servers = (count: number): string =>
    Array.from({ length: count }, (_, index) => `server.${index + 3}=h${index}:1:2;2181\n`).join(
      '',
    );

  it.each([
    [servers(2), 'No server failure will be tolerated. You need at least 3 servers.'],
    [servers(4), 'Non-optimal configuration, consider an odd number of servers.'],
    [
      `${servers(3)}peerType=observer\n`,
      "Peer type from servers list (PARTICIPANT) doesn't match peerType (OBSERVER). Defaulting to servers list.",
    ],
    [
      `${servers(3)}syncEnabled=false\n`,
      'syncEnabled=false (zoo.cfg, line 7) changes nothing in an ensemble yet.',
    ],
    [
      `${servers(3)}oraclePath=/oracle\n`,
      'oraclePath=/oracle (zoo.cfg, line 7) changes nothing in an ensemble yet.',
    ],
  ])('%j', (lines, warning) => {
    expect(resolve(`${common}${lines}`).warnings).toEqual([warning]);
  });

  it('does not count observers', () => {
    const text = `${common}${servers(3)}server.9=o:1:2:observer\n`;
    expect(resolve(text).warnings).toEqual([]);
  });
});

describe('a list of one server', () => {
  const one = 'server.3=a:2888:3888;2182\n';

  it('means a server alone, which needs no myid', () => {
    const { settings } = resolveSettings({
      file: { path: 'zoo.cfg', text: `dataDir=/zk\n${one}` },
      read: () => null,
    });
    expect(settings).toMatchObject({ ensemble: undefined, clientPort: 2182 });
  });

  it('is an ensemble of one where that is wanted', () => {
    const { settings } = resolve(`${common}standaloneEnabled=false\n${one}`);
    expect(settings.ensemble?.committed.members).toHaveLength(1);
  });

  it('may have observers then, and not else', () => {
    const text = `${common}${one}server.4=b:2888:3888:observer\n`;
    expect(errorOf(() => resolve(text)).message).toContain(
      'Observers w/o quorum is an invalid configuration',
    );
    expect(resolve(`${text}standaloneEnabled=false\n`).settings.ensemble).toBeDefined();
  });
});

describe('a list of servers that cannot be meant', () => {
  it.each([
    [`dataDir=/zk\n${three}`, 'initLimit is not set', 'needs initLimit and syncLimit'],
    [`dataDir=/zk\ninitLimit=5\n${three}`, 'syncLimit is not set', 'needs initLimit and syncLimit'],
    [`dataDir=/zk\ninitLimit=0\n${three}`, 'initLimit is not set', 'needs initLimit and syncLimit'],
    [
      `${common}server.1=a:2888`,
      '"a:2888" does not have the form server_config',
      'line 4: server.1=a:2888',
    ],
    [
      `${common}server.1=a`,
      '"a" does not have the form server_config or server_config;client_config where server_config is the pipe separated list of host:port:port or host:port:port:type and client_config is port or host:port',
      'line 4: server.1=a',
    ],
    [`${common}server.1=a:1:2:watcher`, 'Unrecognised peertype: "watcher"', 'line 4'],
    [`${common}server.1=a:1:70000`, 'server.1 has the election port "70000".', 'line 4'],
    [`${common}server.one=a:1:2`, 'The key server.one has no number.', 'line 4'],
    [`${common}server.1=a:1:2:observer`, 'Observers w/o participants', 'line 4'],
    [`${common}${three}server.01=a:1:2`, 'server.1 is given twice.', 'line 4'],
    [`${common}${three}group.1=1:2`, 'Server 3 is in no group.', 'line 7: group.1=1:2'],
    [`${common}${three}group.1=1:2\ngroup.2=2:3`, 'Server 2 is in two groups.', 'line 7'],
    [
      `${common}${three}server.4=d:1:2|e:1:2`,
      'Multiple address feature is disabled, but multiple addresses were specified for sid 4',
      'line 7: server.4',
    ],
    [
      `${common}${three}clientPort=2181`,
      'client address for this server (id = 3) in static config file is *:2181 is different from client address found in dynamic file: 0.0.0.0:2182',
      'line 6: server.3',
    ],
    [`${common}${three}sslQuorum=true`, 'TLS between servers is not available yet.', 'sslQuorum'],
    [
      `${common}${three}quorum.auth.enableSasl=true`,
      'SASL between servers is not available yet.',
      'quorum.auth.enableSasl',
    ],
    [
      'dataDir=/other\ninitLimit=10\nsyncLimit=5\nserver.1=a:1:2\nserver.2=b:1:2',
      '/other/myid file is missing',
      'Write the number N of this server',
    ],
  ])('%j: %s', (text, problem, place) => {
    const error = errorOf(() => resolve(text));
    expect(error.message).toContain(problem);
    expect(error.message).toContain(place);
    expect(error.exitCode).toBe(2);
  });

  it.each([
    ['', 'serverid null is not a number'],
    ['server.1', 'serverid server.1 is not a number'],
    ['1.5', 'serverid 1.5 is not a number'],
    ['-1', 'serverid -1 is out of range.'],
    ['256', 'serverid 256 is out of range.'],
    ['7', 'My id 7 not in the peer list'],
  ])('myid %j: %s', (myid, problem) => {
    const error = errorOf(() => resolve(`${common}${three}`, { '/zk/myid': myid }));
    expect(error.message).toContain(problem);
  });

  it('leaves one id to nodes with a time to live (B-67)', () => {
    const text = `${common}server.255=a:1:2;1\nserver.1=b:1:2\nserver.2=c:1:2\n`;
    const files = { '/zk/myid': '255' };
    expect(resolve(text, files).settings.ensemble?.id).toBe(255n);
    const error = errorOf(() => resolve(`${text}extendedTypesEnabled=true`, files));
    expect(error.message).toContain('Write a number from 1 to 254');
  });

  it('needs a file where members may change', () => {
    const error = errorOf(() =>
      resolveSettings({
        env: {
          ZOO_SERVERS: 'server.1=a:1:2 server.2=b:1:2',
          ZOO_CFG_EXTRA: 'reconfigEnabled=true initLimit=1 syncLimit=1',
        },
        read: () => '1',
      }),
    );
    expect(error.message).toContain('reconfigEnabled=true needs a configuration file.');
  });
});

describe('a list of servers in a file of its own', () => {
  const pointer = `${common}dynamicConfigFile=/zk/zoo.cfg.dynamic.100000013\nreconfigEnabled=true\n`;
  const path = '/zk/zoo.cfg.dynamic.100000013';

  it('is read, with its version', () => {
    const { settings, origins } = resolve(pointer, { [path]: three });
    expect(settings.ensemble?.committed).toMatchObject({ version: 0x100000013n });
    expect(settings.clientPort).toBe(2182);
    expect(describeOrigin(origins.clientPort)).toBe(`${path}, line 3`);
  });

  it.each([
    ['/zk/members', 0n],
    ['/zk/zoo.cfg.dynamic', 0n],
    ['/zk.d/members', 0n],
    ['/zk/zoo.cfg.dynamic.0', 0n],
    ['/zk/zoo.cfg.dynamic.7fffffffffffffff', 0x7fffffffffffffffn],
    ['/zk/zoo.cfg.dynamic.ffffffffffffffff', 0n],
  ])('has its version in its name: %s', (name, version) => {
    const { settings } = resolve(`${common}dynamicConfigFile=${name}`, { [name]: three });
    expect(settings.ensemble?.committed.version).toBe(version);
  });

  it('knows the configuration that was proposed last, where members may change', () => {
    const next = 'server.1=a:2888:3888:participant\nversion=100000014';
    const files = { [path]: three, 'zoo.cfg.dynamic.next': next };
    expect(resolve(pointer, files).settings.ensemble?.next?.version).toBe(0x100000014n);
    const older = { ...files, 'zoo.cfg.dynamic.next': next.replace('14', '13') };
    expect(resolve(pointer, older).settings.ensemble?.next).toBeNull();
    const fixed = pointer.replace('=true', '=false');
    expect(resolve(fixed, files).settings.ensemble?.next).toBeNull();
  });

  it.each([
    [pointer, {}, `${path} file is missing`],
    [pointer, { [path]: '' }, `${path} lists no servers.`],
    [pointer, { [path]: `${three}version=1` }, "dynamic file shouldn't have version inside"],
    [pointer, { [path]: `${three}tickTime=1` }, 'Unrecognised parameter: tickTime'],
    [
      pointer,
      { [path]: 'server.1=a' },
      '"a" does not have the form server_config or server_config;client_config where server_config is the pipe separated list of host:port:port or host:port:port:type and client_config is port or host:port',
    ],
    [
      `${pointer}server.1=a:1:2`,
      { [path]: three },
      'parameter: server.1 must be in a separate dynamic config file',
    ],
    [
      pointer,
      { [path]: three, 'zoo.cfg.dynamic.next': 'nonsense' },
      'Error processing zoo.cfg.dynamic.next: Nothing can be made of the line "nonsense".',
    ],
  ])('%j with %j: %s', (text, files, problem) => {
    expect(errorOf(() => resolve(text, files)).message).toContain(problem);
  });
});
