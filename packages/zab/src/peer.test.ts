import { asServerId, asZxid } from '@zabra/wire';
import { expect, it } from 'vitest';
import { Peer } from './peer.ts';
import { PEER_DEFAULTS } from './settings.ts';
import { ensembleOf } from './testing/ensembles.ts';

const id = asServerId(1n);
const other = asServerId(2n);

/** A peer that calls nobody but those who count its votes. */
function lookingPeer(): Peer {
  const links = { addresses: [{ host: 'h1', port: 3888 }], form: 'v1', greetingMs: 1000 } as const;
  const nothing = new Proxy({}, { get: () => () => null });
  const surroundings = { journal: nothing, archive: nothing, service: nothing };
  const peer = new Peer({ ...PEER_DEFAULTS, id, tickMs: 100, links }, surroundings as never, {
    acceptedEpoch: 0,
    currentEpoch: 0,
    lastZxid: asZxid(0n),
    committed: ensembleOf('1 2 3'),
    next: null,
  });
  peer.begin(0);
  peer.turn();
  return peer;
}

it('says its vote to whom it has called', () => {
  const peer = lookingPeer();
  peer.electionOpened(7, other);
  expect(peer.takeElection().map(({ link }) => link)).toContain(7);
});

it('votes for nobody once it has stopped (S-36)', () => {
  const peer = lookingPeer();
  peer.electionOpened(7, other);
  peer.stop();
  peer.electionOpened(8, null);
  expect(peer.takeElection()).toEqual([]);
});
