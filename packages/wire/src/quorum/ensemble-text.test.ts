import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Ensemble, Member } from './ensemble.ts';
import { formatEnsemble, parseEnsemble } from './ensemble-text.ts';
import { asServerId } from './server-id.ts';
import { formatServerLine, parseServerLine } from './server-line.ts';

const one = asServerId(1n);

function parsed(text: string): Ensemble {
  const outcome = parseEnsemble(text);
  return outcome.kind === 'ensemble' ? outcome.ensemble : expect.fail(outcome.problem);
}

// As Apache ZooKeeper 3.9.5 says it.
const wrongForm =
  'does not have the form server_config or server_config;client_config where server_config is the pipe separated list of host:port:port or host:port:port:type and client_config is port or host:port';

function problemOf(text: string): string {
  const outcome = parseEnsemble(text);
  return outcome.kind === 'problem' ? outcome.problem : expect.fail('it was taken');
}

describe('a server line', () => {
  const lines: readonly (readonly [line: string, written: string])[] = [
    ['a:1:2', 'a:1:2:participant'],
    ['a:1:2:participant', 'a:1:2:participant'],
    ['a:1:2:Observer', 'a:1:2:observer'],
    ['a:1:2;2181', 'a:1:2:participant;0.0.0.0:2181'],
    ['a:1:2:observer;b:2181', 'a:1:2:observer;b:2181'],
    ['a:1:2;b:0', 'a:1:2:participant;b:0'],
    ['a:1:2;', 'a:1:2:participant'],
    ['a:1:2;2181;h:2281', 'a:1:2:participant;0.0.0.0:2181;h:2281'],
    ['a:1:2;2181;2281', 'a:1:2:participant;0.0.0.0:2181;0.0.0.0:2281'],
    ['a:1:2;;2281', 'a:1:2:participant;;0.0.0.0:2281'],
    ['a:1:2|b:3:4', 'a:1:2|b:3:4:participant'],
    ['a:1:2:observer|b:3:4', 'a:1:2|b:3:4:observer'],
    ['a:1:2|b:3:4:observer;c:5', 'a:1:2|b:3:4:observer;c:5'],
    ['a:1:2:observer|b:3:4:OBSERVER', 'a:1:2|b:3:4:observer'],
    ['[::1]:1:2;[::]:3', '[::1]:1:2:participant;[::]:3'],
    ['[fe80::1%eth0]:1:2', '[fe80::1%eth0]:1:2:participant'],
    ['[::ffff:10.0.0.1]:1:2|a:1:2', '[::ffff:10.0.0.1]:1:2|a:1:2:participant'],
    ['  a:1:2 | b:3:4 ; 5 ', 'a:1:2|b:3:4:participant;0.0.0.0:5'],
    ['zürich.example:1:65535', 'zürich.example:1:65535:participant'],
  ];

  test.each(lines)('%s is written %s', (line, written) => {
    const outcome = parseServerLine(one, line);
    if (outcome.kind !== 'member') expect.fail(outcome.problem);
    expect(formatServerLine(outcome.member)).toBe(written);
    expect(parseServerLine(one, written)).toEqual(outcome);
  });

  test('says where a server is and what it does', () => {
    expect(parseServerLine(one, 'a:1:2|[::1]:3:4:observer;2181;[::2]:5')).toEqual({
      kind: 'member',
      member: {
        id: 1n,
        role: 'observer',
        addresses: [
          { host: 'a', quorumPort: 1, electionPort: 2 },
          { host: '::1', quorumPort: 3, electionPort: 4 },
        ],
        client: { host: '0.0.0.0', port: 2181 },
        secureClient: { host: '::2', port: 5 },
      },
    });
  });

  test.each([
    ['', 'server.1 has no host in "".'],
    ['a', `"a" ${wrongForm}`],
    ['a:1', `"a:1" ${wrongForm}`],
    [':1:2', 'server.1 has no host in ":1:2".'],
    ['a b:1:2', 'server.1 has no host in "a b:1:2".'],
    ['::1:1:2', 'server.1 has no host in "::1:1:2".'],
    ['[::1:1:2', 'server.1 has no host in "[::1:1:2".'],
    ['[a]:1:2', 'server.1 has no host in "[a]:1:2".'],
    ['[::1]x:1:2', 'server.1 has no host in "[::1]x:1:2".'],
    ['a:x:2', 'server.1 has the quorum port "x".'],
    ['a:0:2', 'server.1 has the quorum port "0".'],
    ['a:1:65536', 'server.1 has the election port "65536".'],
    ['a:1:', 'server.1 has the election port "".'],
    ['a:1:-2', 'server.1 has the election port "-2".'],
    [
      'a:5:5',
      'Client and election port must be different! Please update the configuration file on server.1',
    ],
    ['a:1:2:watcher', 'Unrecognised peertype: "watcher"'],
    ['a:1:2:observer:3', 'server.1 has too many parts in "a:1:2:observer:3".'],
    ['a:1:2|', 'server.1 has no host in "".'],
    [
      'a:1:2:observer|b:1:2:participant',
      'server.1 is observer by one address and participant by another.',
    ],
    ['a:1:2;b', 'server.1 has the client address "b".'],
    ['a:1:2;:2181', 'server.1 has the client address ":2181".'],
    ['a:1:2;b:1:2', 'server.1 has the client address "b:1:2".'],
    ['a:1:2;70000', 'server.1 has the client address "70000".'],
    ['a:1:2;1;b:x', 'server.1 has the client address "b:x".'],
    ['a:1:2;1;2;3', 'server.1 has more than two client addresses in "a:1:2;1;2;3".'],
  ])('%j: %s', (line, problem) => {
    expect(parseServerLine(one, line)).toEqual({ kind: 'problem', problem });
  });
});

const plain = 'server.1=a:1:2:participant\nserver.2=b:1:2:participant;0.0.0.0:2181';

describe('a configuration', () => {
  test.each([
    `${plain}\nversion=0`,
    `${plain}\nversion=7fffffffffffffff`,
    `server.17=a:1:2:participant\nserver.2=b:1:2:observer\nversion=100000000`,
    `${plain}\ngroup.1=1\ngroup.2=2\nweight.1=1\nweight.2=0\nversion=1`,
    `${plain}\nserver.3=c:1:2:observer\ngroup.5=1:2:3\nweight.2=7\nweight.1=1\nversion=a`,
  ])('%j is written as it was read', (text) => {
    expect(formatEnsemble(parsed(text))).toBe(text);
  });

  test('is read like properties: comments, blank lines, any end of line, a missing version', () => {
    const text = '# members\r\n\r\n server.1 = a:1:2 \n! and\rserver.2:b:1:2:observer\n';
    expect(formatEnsemble(parsed(text))).toBe(
      'server.1=a:1:2:participant\nserver.2=b:1:2:observer\nversion=0',
    );
  });

  test('with groups gives every participant a weight', () => {
    const { groups, weights } = parsed(`${plain}\nweight.2=3\ngroup.1=1:2`);
    expect(groups).toEqual([{ id: 1n, members: [1n, 2n] }]);
    expect(weights).toEqual([
      { member: 2n, weight: 3 },
      { member: 1n, weight: 1 },
    ]);
  });

  test.each([
    ['', 'There is no participant in it.'],
    ['server.1=a:1:2:observer', 'There is no participant in it.'],
    [`${plain}\nserver.01=c:1:2`, 'server.1 is given twice.'],
    [`${plain}\nversion=1\nversion=1`, 'version is given twice.'],
    [`${plain}\nversion=`, 'The version is "".'],
    [`${plain}\nversion=x`, 'The version is "x".'],
    [`${plain}\nversion=ffffffffffffffff`, 'The version is "ffffffffffffffff".'],
    [`${plain}\nclientPort=2181`, 'The key "clientPort" is none of them.'],
    [`${plain}\nserver=a:1:2`, 'The key "server" is none of them.'],
    [`${plain}\nserver.x=a:1:2`, 'The key "server.x" is none of them.'],
    [
      `${plain}\nserver.9223372036854775808=a:1:2`,
      'The key "server.9223372036854775808" is none of them.',
    ],
    [`${plain}\nserver.3`, 'Nothing can be made of the line "server.3".'],
    [
      `${plain}\nserver.3=a\\u003a:1:2`,
      'Nothing can be made of the line "server.3=a\\\\u003a:1:2".',
    ],
    [`${plain}\nserver.3=c:1`, `"c:1" ${wrongForm}`],
    [`${plain}\ngroup.1=1:x`, 'group.1 has the member "x".'],
    [`${plain}\ngroup.1=1:2\nweight.1=-1`, 'weight.1 is "-1".'],
    [`${plain}\ngroup.1=1:2\nweight.1=2147483648`, 'weight.1 is "2147483648".'],
    [`${plain}\ngroup.1=1:2\ngroup.2=2`, 'Server 2 is in two groups.'],
    [`${plain}\ngroup.1=1`, 'Server 2 is in no group.'],
    [`${plain}\nweight.1=2`, 'Server 1 is in no group.'],
  ])('%j: %s', (text, problem) => {
    expect(problemOf(text)).toBe(problem);
  });

  test('that is wrong is quoted only so far', () => {
    expect(problemOf('x'.repeat(100_000)).length).toBeLessThan(150);
  });
});

const hosts = fc.constantFrom('a', 'zk-2.example.org', '10.0.0.7', '::1', 'fe80::2%en0');
const ports = fc.integer({ min: 1, max: 65534 });
const client = fc.option(fc.record({ host: hosts, port: fc.integer({ min: 0, max: 65535 }) }));
const address = fc
  .record({ host: hosts, quorumPort: ports })
  .map((peer) => ({ ...peer, electionPort: peer.quorumPort + 1 }));
const serverIds = fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }).map(asServerId);
const members: fc.Arbitrary<readonly Member[]> = fc
  .uniqueArray(
    fc.record({
      id: serverIds,
      role: fc.constantFrom('participant' as const, 'observer' as const),
      addresses: fc.array(address, { minLength: 1, maxLength: 3 }),
      client,
      secureClient: client,
    }),
    { minLength: 1, maxLength: 6, selector: ({ id }) => id },
  )
  .filter((all) => all.some(({ role }) => role === 'participant'));
const ensembles: fc.Arbitrary<Ensemble> = fc
  .record({ members, isGrouped: fc.boolean(), weight: fc.nat(), version: serverIds })
  .map(({ members: all, isGrouped, weight, version }) => ({
    members: all,
    groups: isGrouped ? [{ id: 4n, members: all.map(({ id }) => id) }] : [],
    weights: isGrouped ? all.map(({ id }) => ({ member: id, weight })) : [],
    version,
  }));

test('every ensemble comes back as it went in', () => {
  fc.assert(
    fc.property(ensembles, (ensemble) => {
      expect(parsed(formatEnsemble(ensemble))).toEqual(ensemble);
    }),
  );
});

test('damaged texts give an ensemble that can be written and read again, or a problem', () => {
  const damaged = fc
    .tuple(ensembles, fc.array(fc.tuple(fc.nat(), fc.string({ maxLength: 3 })), { maxLength: 4 }))
    .map(([ensemble, places]) => {
      let text = formatEnsemble(ensemble);
      for (const [at, piece] of places) {
        const start = at % (text.length + 1);
        text = text.slice(0, start) + piece + text.slice(start + (at % 2));
      }
      return text;
    });
  fc.assert(
    fc.property(fc.oneof(damaged, fc.string()), (text) => {
      const outcome = parseEnsemble(text);
      if (outcome.kind === 'problem') expect(outcome.problem).not.toBe('');
      else expect(parseEnsemble(formatEnsemble(outcome.ensemble))).toEqual(outcome);
    }),
    { numRuns: 300 },
  );
});
