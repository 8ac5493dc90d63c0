// What the words of a configuration ask for, before any value is read: refused is whatever would make
// this server something else than its operator believes it to be.

import { ConfigError } from './config-error.ts';
import type { Assignment } from './origin.ts';

export type Given = ReadonlyMap<string, Assignment>;

export function checkGiven(given: Given): void {
  checkElection(given);
  checkSecurity(given);
}

function checkElection(given: Given): void {
  const algorithm = given.get('electionAlg');
  if (algorithm !== undefined && algorithm.value !== '3') {
    throw new ConfigError({
      problem: 'Invalid electionAlg value. Only 3 is supported.',
      advice: 'Remove the line, or write 3.',
      given: algorithm,
    });
  }
  const peerType = given.get('peerType');
  if (peerType === undefined || /^(?:participant|observer)$/i.test(peerType.value)) return;
  throw new ConfigError({
    problem: `Unrecognised peertype: ${peerType.value}`,
    advice: 'Write participant or observer.',
    given: peerType,
  });
}

/** To go on without these would let in whom the operator shut out. */
function checkSecurity(given: Given): void {
  const sasl = given.get('sessionRequireClientSASLAuth');
  if (sasl?.value.toLowerCase() === 'true') {
    throw new ConfigError({
      problem: 'Clients are required to authenticate with SASL, which is not available yet.',
      advice:
        'Remove the line if clients may connect without; enforce.auth.schemes=digest is available.',
      given: sasl,
    });
  }
  const securePort = given.get('secureClientPort');
  if (securePort !== undefined && !given.has('clientPort')) {
    throw new ConfigError({
      problem: 'Clients are to be served with TLS only, which is not available yet.',
      advice: 'Set clientPort too if clients may connect without TLS.',
      given: securePort,
    });
  }
}
