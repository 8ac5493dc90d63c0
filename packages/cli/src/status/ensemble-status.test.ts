import { describe, expect, it } from 'vitest';
import { type Asked, judge } from './ensemble-status.ts';
import { renderText } from './render-status.ts';

function asked(port: number, role: string, zxid: bigint): Asked {
  const status = {
    role,
    zxid,
    epoch: Number(zxid >> 32n),
    version: '3.9.4',
    connections: 1,
    outstanding: 0,
    nodes: 5,
    latency: '0/0.0/0',
  };
  return { address: { host: 'zk', port }, status };
}

const silent: Asked = { address: { host: 'zk', port: 9 }, status: 'nobody listens there' };

describe('judge', () => {
  it('tells how far each server is behind the leader, and never that it is ahead', () => {
    const { servers, problems } = judge([
      asked(1, 'follower', 0x2_0000_0005n),
      asked(2, 'leader', 0x2_0000_0007n),
      asked(3, 'observer', 0x2_0000_0008n),
      asked(4, 'follower', 0x1_0000_0008n),
    ]);
    expect(servers.map(({ lag }) => lag)).toEqual([2, 0, 0, null]);
    expect(problems).toEqual([]);
  });

  it('finds nothing wrong with a server alone', () => {
    expect(judge([asked(1, 'standalone', 7n)]).problems).toEqual([]);
  });

  it('names what is wrong', () => {
    expect(judge([asked(1, 'follower', 7n), silent]).problems).toEqual([
      'zk:9: nobody listens there',
      'None of these servers leads.',
    ]);
    const twice = judge([asked(1, 'leader', 7n), asked(2, 'leader', 9n)]);
    expect(twice.problems[0]).toContain('2 servers lead: zk:1, zk:2');
    expect(twice.servers.map(({ lag }) => lag)).toEqual([null, null]);
  });
});

describe('renderText', () => {
  it('lines everything up, with the problems below', () => {
    expect(renderText(judge([asked(1, 'leader', 0x2_0000_0007n), silent]))).toBe(
      [
        'SERVER  ROLE    EPOCH  ZXID         LAG  CLIENTS  WAITING  NODES  VERSION',
        'zk:1    leader  2      0x200000007  0    1        0        5      3.9.4',
        'zk:9    -       -      -            -    -        -        -      -',
        '',
        'zk:9: nobody listens there',
        '',
      ].join('\n'),
    );
  });
});
