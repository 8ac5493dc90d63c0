import { describe, expect, it } from 'vitest';
import { readStatus } from './server-status.ts';

const APACHE = `Zookeeper version: 3.8.0, built on 2024-12-29 17:54 UTC
Latency min/avg/max: 0/25.2286/227
Received: 49
Sent: 50
Connections: 2
Outstanding: 3
Zxid: 0x100000020
Mode: leader
Node count: 12
Proposal sizes last/min/max: 64/32/231
`;

describe('readStatus', () => {
  it('reads what Apache’s servers say', () => {
    expect(readStatus(APACHE)).toEqual({
      role: 'leader',
      zxid: 0x1_0000_0020n,
      epoch: 1,
      version: '3.8.0',
      connections: 2,
      outstanding: 3,
      nodes: 12,
      latency: '0/25.2286/227',
    });
  });

  it('believes a server that says its epoch: the last transaction may be of an older one', () => {
    expect(readStatus(APACHE, 'zk_quorum_size\t3\nzk_zab_epoch\t5\n')).toMatchObject({ epoch: 5 });
  });

  it('says why a server cannot say', () => {
    const notServing = 'This ZooKeeper instance is not currently serving requests\n';
    expect(readStatus(notServing)).toBe('not serving: it has no leader');
    expect(readStatus('srvr is not executed because it is not in the whitelist.\n')).toContain(
      '4lw.commands.whitelist',
    );
    expect(readStatus('')).toContain('no ZooKeeper server');
    expect(readStatus('HTTP/1.1 400 Bad Request\r\n')).toContain('no ZooKeeper server');
    expect(readStatus(APACHE.replace('0x100000020', '0xffffffffffffffffff'))).toContain('no Zoo');
  });
});
