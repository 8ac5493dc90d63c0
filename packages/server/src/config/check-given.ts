// What the words of a configuration say about the kind of server, before any value is read: refused
// is whatever would make this server something else than its operator believes it to be.

import { ConfigError } from './config-error.ts';
import type { Assignment } from './origin.ts';
import { loneServer, readRole, readServer, type Server } from './server-list.ts';

export type Given = ReadonlyMap<string, Assignment>;

/** Gives the server's own line in the list of servers, when there is one. */
export function checkGiven(given: Given): Server | undefined {
  checkElection(given);
  checkSecurity(given);
  const servers = [...given.values()]
    .filter(({ key }) => /^server\.\d+$/.test(key))
    .map(readServer);
  if (servers.length > 1) checkLimits(given);
  return loneServer(servers);
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
  if (peerType !== undefined) readRole(peerType.value, peerType);
  const membership = given.get('dynamicConfigFile');
  if (membership !== undefined) {
    throw new ConfigError({
      problem: 'This version serves alone, and the configuration names a file of ensemble members.',
      advice:
        'Ensembles are not available yet. Remove the line to serve alone, or keep this member on Apache ZooKeeper.',
      given: membership,
    });
  }
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

function checkLimits(given: Given): void {
  for (const key of ['initLimit', 'syncLimit']) {
    if (given.has(key)) continue;
    throw new ConfigError({
      problem: `${key} is not set`,
      advice: 'A list of servers needs initLimit and syncLimit.',
    });
  }
}
