/**
 * Real clients on three processes: sessions of one member alone, and a member that is left alone and
 * serves readers until the others are back.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { javaPeer } from '../support/peers-java.ts';
import { kazooPeer } from '../support/peers-python.ts';
import { INSTALL_TIMEOUT_MS, type PeerCommand, runPeer } from '../support/peers-report.ts';
import { expectRoles } from './agreement.ts';
import { Ensemble } from './ensemble.ts';

const PATIENCE = { timeout: 30_000, interval: 100 };
const CHECKS = [
  'local sessions: known to one member, and to nobody else',
  "local sessions: the first ephemeral makes one the ensemble's, alone or in a transaction",
  'read-only: a member left alone is read from',
  'read-only: the client finds its way to a member that writes',
  'read-only: a session from before, and its node, live on',
];

const clients: readonly (readonly [string, () => Promise<PeerCommand>])[] = [
  ['kazoo', () => kazooPeer('kazoo_ensemble.py')],
  ['Apache’s Java client', () => javaPeer('EnsembleClient')],
];

let ensemble: Ensemble | null = null;

afterEach(async () => {
  await ensemble?.end();
  ensemble = null;
});

describe('three members with local sessions and read-only mode', () => {
  it.each(clients)('are used by %s', { timeout: INSTALL_TIMEOUT_MS + 180_000 }, async (_, peer) => {
    const command = await peer();
    const three = await Ensemble.planned({
      members: ['zabra', 'zabra', 'zabra'],
      settings: {
        localSessionsEnabled: 'true',
        localSessionsUpgradingEnabled: 'true',
        'readonlymode.enabled': 'true',
      },
    });
    ensemble = three;
    await three.start(1, 2, 3);
    await expectRoles(three, 2);
    const ports = three.ids.map((id) => three.portOf(id));
    const report = await runPeer(
      command,
      { PEER_PORTS: ports.join(',') },
      {
        alone: async () => {
          await Promise.all([three.kill(2), three.kill(3)]);
          await expect.poll(() => three.word(1, 'isro'), PATIENCE).toBe('ro');
          expect(await three.word(1, 'srvr')).toMatch(/^Mode: read-only$/m);
        },
        together: async () => {
          await three.start(2, 3);
          await expectRoles(three, 2);
        },
      },
    );
    expect([...report.checks.keys()], report.tail).toEqual(CHECKS);
    for (const { name, ok, detail } of report.checks.values())
      expect(ok, `${name}: ${detail}`).toBe(true);
    expect(report.exitCode, report.tail).toBe(0);
  });
});
