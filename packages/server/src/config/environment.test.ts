import { describe, expect, it } from 'vitest';
import { readImageVariables, readOwnVariables } from './environment.ts';

describe('ZABRA_ variables', () => {
  function read(environment: Record<string, string>): readonly (readonly [string, string])[] {
    return readOwnVariables(environment, () => {}).map(({ key, value }) => [key, value]);
  }

  it('name keys in capitals, words apart', () => {
    expect(
      read({
        ZABRA_CLIENT_PORT: '2190',
        ZABRA_AUTOPURGE_SNAP_RETAIN_COUNT: '4',
        ZABRA_4LW_COMMANDS_WHITELIST: '*',
        ZABRA_SKIP_ACL: 'yes',
        ZABRA_JUTE_MAXBUFFER: '5',
        ZABRA_SERVER_2: 'b:2888:3888',
        PATH: '/bin',
      }),
    ).toEqual([
      ['clientPort', '2190'],
      ['autopurge.snapRetainCount', '4'],
      ['4lw.commands.whitelist', '*'],
      ['skipACL', 'yes'],
      ['jute.maxbuffer', '5'],
      ['server.2', 'b:2888:3888'],
    ]);
  });

  it('are told of when they nearly name a key, and left alone when they do not', () => {
    const warnings: string[] = [];
    const environment = { ZABRA_CLIENT_PROT: '1', ZABRA_WEATHER: 'fine' };
    expect(readOwnVariables(environment, (warning) => warnings.push(warning))).toEqual([]);
    expect(warnings).toEqual([
      'Environment variable ZABRA_CLIENT_PROT is not known; did you mean ZABRA_CLIENT_PORT?',
    ]);
  });
});

describe('the variables of the official image', () => {
  function read(environment: Record<string, string>): readonly (readonly [string, string])[] {
    return readImageVariables(environment).map(({ key, value }) => [key, value]);
  }

  it('name keys', () => {
    expect(read({ ZOO_TICK_TIME: '2000', ZOO_MAX_CLIENT_CNXNS: '60', ZOO_MY_ID: '1' })).toEqual([
      ['tickTime', '2000'],
      ['maxClientCnxns', '60'],
    ]);
  });

  it('hold lists of lines', () => {
    expect(
      read({
        ZOO_SERVERS: 'server.1=localhost:2888:3888;2181',
        ZOO_CFG_EXTRA: 'extendedTypesEnabled=true  snapCount=5',
      }),
    ).toEqual([
      ['server.1', 'localhost:2888:3888;2181'],
      ['extendedTypesEnabled', 'true'],
      ['snapCount', '5'],
    ]);
  });

  it('hold options of the JVM, of which ZooKeeper’s are taken', () => {
    expect(
      read({
        JVMFLAGS: '-Xmx1g -Dzookeeper.snapCount=5 -Djute.maxbuffer=7 -Djava.awt.headless=true',
      }),
    ).toEqual([
      ['zookeeper.snapCount', '5'],
      ['jute.maxbuffer', '7'],
    ]);
  });

  it('can forbid to create directories', () => {
    expect(read({ ZOO_DATADIR_AUTOCREATE_DISABLE: '1' })).toEqual([
      ['datadir.autocreate', 'false'],
    ]);
  });
});
