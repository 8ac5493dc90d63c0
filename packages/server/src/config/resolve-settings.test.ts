import { describe, expect, it } from 'vitest';
import { readDefinition } from './arguments.ts';
import { completeSettings, readingWords } from './complete-settings.ts';
import { ConfigError } from './config-error.ts';
import { describeOrigin } from './origin.ts';
import {
  type ResolvedSettings,
  resolveSettings,
  type SettingsSources,
} from './resolve-settings.ts';

const plain = 'dataDir=/zk\nclientPort=2181\n';

function fromFile(text: string, more: Omit<SettingsSources, 'file'> = {}): ResolvedSettings {
  return resolveSettings({ ...more, file: { path: 'zoo.cfg', text } });
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

describe('a server that is told nothing', () => {
  it('serves on 2181 from ./zabra-data and purges', () => {
    const { settings, warnings, origins } = resolveSettings({});
    expect(settings).toEqual(completeSettings({}));
    expect(settings).toMatchObject({
      clientPort: 2181,
      dataDir: './zabra-data',
      dataLogDir: './zabra-data',
      sessionTimeoutMsMin: 6000,
      sessionTimeoutMsMax: 60_000,
      snapshotsRetained: 5,
      purgeIntervalMs: 3_600_000,
      fourLetterWords: readingWords,
    });
    expect(warnings).toEqual([]);
    expect(new Set(Object.values(origins).map(describeOrigin))).toEqual(new Set(['default']));
  });
});

describe('zoo.cfg', () => {
  it('is read as the sample file means it', () => {
    const { settings, warnings, origins } = fromFile(
      'tickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=/tmp/zookeeper\nclientPort=2182\n',
    );
    expect(settings).toMatchObject({
      tickTimeMs: 2000,
      sessionTimeoutMsMin: 4000,
      sessionTimeoutMsMax: 40_000,
      dataDir: '/tmp/zookeeper',
      dataLogDir: '/tmp/zookeeper',
      clientPort: 2182,
      clientPortAddress: undefined,
    });
    expect(warnings).toEqual([]);
    expect(describeOrigin(origins.clientPort)).toBe('zoo.cfg, line 5');
    expect(describeOrigin(origins.forceSync)).toBe('default');
  });

  it('keeps what Apache keeps: no purging unless it is asked for', () => {
    expect(fromFile(plain).settings).toMatchObject({ purgeIntervalMs: 0, snapshotsRetained: 3 });
  });

  it('takes the last of two equal keys', () => {
    expect(fromFile(`${plain}tickTime=1\ntickTime=2\n`).settings.tickTimeMs).toBe(2);
  });

  it('serves on 2181 when it names no port, and says so', () => {
    const { settings, warnings } = fromFile('dataDir=/zk');
    expect(settings.clientPort).toBe(2181);
    expect(warnings).toEqual(['clientPort is not set in zoo.cfg: clients are served on 2181.']);
  });

  it('may ask for a free port', () => {
    expect(fromFile('dataDir=/zk\nclientPort=0').settings.clientPort).toBe(0);
  });

  it('warns of a relative directory', () => {
    const { warnings } = fromFile('dataDir=data\nclientPort=1');
    expect(warnings).toEqual([
      expect.stringContaining('dataDir=data (zoo.cfg, line 1) is relative'),
    ]);
  });

  it.each<[line: string, settings: Partial<ResolvedSettings['settings']>]>([
    ['4lw.commands.whitelist=stat, ruok ,mntr', { fourLetterWords: ['stat', 'ruok', 'mntr'] }],
    ['4lw.commands.whitelist=stat,*', { fourLetterWords: 'all' }],
    ['4lw.commands.whitelist=', { fourLetterWords: [] }],
    ['autopurge.purgeInterval=24', { purgeIntervalMs: 86_400_000 }],
    ['autopurge.purgeInterval=90m', { purgeIntervalMs: 5_400_000 }],
    ['autopurge.purgeInterval=0', { purgeIntervalMs: 0 }],
    ['autopurge.snapRetainCount=7', { snapshotsRetained: 7 }],
    ['snapSizeLimitInKb=-1', { snapshotLogBytes: 0 }],
    ['snapSizeLimitInKb=8', { snapshotLogBytes: 8192 }],
    ['txnLogSizeLimitInKb=1024', { logFileBytesMax: 1_048_576 }],
    ['preAllocSize=64', { logPreallocationBytes: 65_536 }],
    ['snapshot.compression.method=GZ', { snapshotCompression: 'gz' }],
    ['snapshot.compression.method=', { snapshotCompression: 'none' }],
    ['jute.maxbuffer=0x400000', { frameBytesMax: 4_194_304, frameBytesExtra: 4_194_304 }],
    ['minSessionTimeout=-1', { sessionTimeoutMsMin: 6000 }],
    ['maxSessionTimeout=90000', { sessionTimeoutMsMax: 90_000 }],
    ['maxClientCnxns=0', { connectionsPerAddressMax: 0 }],
    ['requestThrottleLimit=9', { throttleRequestsMax: 9 }],
    ['request_throttle_max_requests=9', { throttleRequestsMax: 9 }],
    ['zookeeper.snapCount=9', { snapshotTransactions: 9 }],
    ['connection_throttle_drop_increase=.5', { connectionDropIncrease: 0.5 }],
    ['forceSync=no', { forceSync: false }],
    ['skipACL=yes', { skipAcl: true }],
    ['digest.enabled=FALSE', { digestEnabled: false }],
    ['server.1=localhost:2888:3888', { clientPort: 2181 }],
  ])('reads %s', (line, expected) => {
    const { settings, warnings } = fromFile(`${plain}${line}\n`);
    expect(settings).toMatchObject(expected);
    expect(warnings).toEqual([]);
  });

  it.each([
    ['forceSync=false', { forceSync: true }, "only 'no' switches it off"],
    ['skipACL=true', { skipAcl: false }, "only 'yes' switches it on"],
    ['digest.enabled=yes', { digestEnabled: false }, "only 'true' switches it on"],
    ['autopurge.snapRetainCount=1', { snapshotsRetained: 3 }, 'raised to 3'],
    ['snapCount=1', { snapshotTransactions: 2 }, 'raised to 2'],
  ])('warns where %s means less than it seems', (line, expected, warning) => {
    const { settings, warnings } = fromFile(`${plain}${line}\n`);
    expect(settings).toMatchObject(expected);
    expect(warnings).toEqual([expect.stringContaining(warning)]);
  });
});

describe('keys that set nothing', () => {
  it('names the nearest key to an unknown one', () => {
    expect(fromFile(`${plain}maxClientCnxn=5`).warnings).toEqual([
      'maxClientCnxn is not a known key (zoo.cfg, line 3); did you mean maxClientCnxns? It is ignored.',
    ]);
    expect(fromFile(`${plain}favouriteColour=blue`).warnings).toEqual([
      'favouriteColour is not a known key (zoo.cfg, line 3); it is ignored.',
    ]);
  });

  it('tells once of each feature that is not there, and shows no password', () => {
    const { warnings } = fromFile(
      `${plain}secureClientPort=2281\nssl.keyStore.location=/k\nssl.keyStore.password=hush\nadmin.serverPort=9000\n`,
    );
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toContain('secureClientPort (zoo.cfg, line 3), ssl.keyStore.location');
    expect(warnings[1]).toContain('admin.serverPort=9000');
    expect(warnings.join()).not.toContain('hush');
  });

  it('passes over what is switched off, tunes threads, or matters to ensembles only', () => {
    const text = 'admin.enableServer=false\nnio.numWorkerThreads=4\ninitLimit=5\nsslQuorum=false\n';
    expect(fromFile(plain + text).warnings).toEqual([]);
  });
});

describe('precedence', () => {
  const file = `${plain}tickTime=1000\n`;
  const image = { ZOO_TICK_TIME: '2000' };
  const own = { ...image, ZABRA_TICK_TIME: '3000' };

  it('is file, image, environment, argument', () => {
    const argument = { env: own, args: [readDefinition('-Dzookeeper.tickTime=4000')] };
    const resolved = [
      fromFile(file),
      fromFile(file, { env: image }),
      fromFile(file, { env: own }),
      fromFile(file, argument),
    ].map(({ settings, origins }) => [settings.tickTimeMs, describeOrigin(origins.tickTimeMs)]);
    expect(resolved).toEqual([
      [1000, 'zoo.cfg, line 3'],
      [2000, 'environment variable ZOO_TICK_TIME'],
      [3000, 'environment variable ZABRA_TICK_TIME'],
      [4000, 'argument -Dzookeeper.tickTime'],
    ]);
  });

  it('holds between the names of one setting', () => {
    const { settings } = fromFile(`${plain}requestThrottleLimit=5\n`, {
      args: [readDefinition('-Dzookeeper.request_throttle_max_requests=6')],
    });
    expect(settings.throttleRequestsMax).toBe(6);
  });
});

describe('ZooKeeper’s form without a file', () => {
  it('takes port, directory, tick time and connections per address', () => {
    const { settings } = resolveSettings({ positions: ['2190', '/zk', '500', '7'] });
    expect(settings).toMatchObject({
      clientPort: 2190,
      dataDir: '/zk',
      tickTimeMs: 500,
      connectionsPerAddressMax: 7,
      purgeIntervalMs: 0,
    });
  });

  it.each([[['2190']], [['1', '/zk', '3', '4', '5']]])('refuses %j', (positions) => {
    expect(errorOf(() => resolveSettings({ positions })).message).toContain(
      `Invalid number of arguments:[${positions.join(', ')}]`,
    );
  });
});

// What Apache ZooKeeper 3.8 says to the same mistakes, and that it ends with exit code 2.
describe('a configuration that cannot be meant', () => {
  it.each([
    ['', 'dataDir is not set', 'zoo.cfg'],
    ['dataDir=/zk\nclientPort=abc', 'For input string: "abc"', 'zoo.cfg, line 2: clientPort=abc'],
    [`${plain}clientPort=70000`, 'clientPort is out of range', 'line 3: clientPort=70000'],
    [
      `${plain}standaloneEnabled=maybe`,
      "Invalid option maybe for standaloneEnabled. Choose 'true' or 'false.'",
      'line 3: standaloneEnabled=maybe',
    ],
    [
      `${plain}minSessionTimeout=9\nmaxSessionTimeout=8`,
      'minSessionTimeout must not be larger than maxSessionTimeout',
      'line 3: minSessionTimeout=9',
    ],
    [
      `${plain}electionAlg=0`,
      'Invalid electionAlg value. Only 3 is supported.',
      'line 3: electionAlg=0',
    ],
    [
      'dataDir=/zk\nclientPortAddress=1.2.3.4',
      'clientPortAddress is set but clientPort is not set',
      'Add clientPort=2181.',
    ],
    [
      `${plain}server.1=a:2888`,
      '"a:2888" does not have the form server_config or server_config;client_config',
      'server.1=a:2888',
    ],
    [`${plain}peerType=watcher`, 'Unrecognised peertype: watcher', 'peerType=watcher'],
    [`${plain}x=\\u12`, 'Error processing zoo.cfg: Malformed \\uxxxx encoding.', 'line 3'],
    [
      `${plain}standaloneEnabled=false`,
      'standaloneEnabled = false then number of participants should be >0',
      'standaloneEnabled=false',
    ],
    [
      `${plain}enforce.auth.enabled=true`,
      'enforce.auth.enabled is true enforce.auth.schemes must be configured.',
      'for example digest',
    ],
  ])('%j: %s', (text, problem, place) => {
    const error = errorOf(() => fromFile(text));
    expect(error.message).toContain(problem);
    expect(error.message).toContain(place);
    expect(error.exitCode).toBe(2);
  });
});

describe('a configuration for what is not there yet', () => {
  it.each([['sessionRequireClientSASLAuth=true', 'required to authenticate with SASL']])(
    '%j is refused',
    (text, problem) => {
      expect(errorOf(() => fromFile(`${plain}${text}`)).message).toContain(problem);
    },
  );

  it('does not open a port without TLS where only one with TLS was asked for', () => {
    const error = errorOf(() => fromFile('dataDir=/zk\nsecureClientPort=2281'));
    expect(error.message).toContain('Clients are to be served with TLS only');
  });
});

describe('a list of one server', () => {
  it('is a lone server, whose line may name the client port', () => {
    const { settings, origins } = fromFile('dataDir=/zk\nserver.1=a:2888:3888;10.0.0.1:2199');
    expect(settings).toMatchObject({ clientPort: 2199, clientPortAddress: '10.0.0.1' });
    expect(describeOrigin(origins.clientPort)).toBe('zoo.cfg, line 2');
  });

  it('gives way to clientPort', () => {
    expect(fromFile(`${plain}server.1=a:2888:3888;2199`).settings.clientPort).toBe(2181);
  });
});
