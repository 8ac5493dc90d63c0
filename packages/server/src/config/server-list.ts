// The list of servers (`server.N=host:quorumPort:electionPort[:role][;[address:]clientPort]`). Only a
// list that means a lone server can be served today; every other one is refused rather than run as
// something it is not, since several servers that do not agree would each acknowledge writes.

import { ConfigError } from './config-error.ts';
import type { Assignment } from './origin.ts';

export interface Server {
  readonly given: Assignment;
  readonly id: string;
  readonly observer: boolean;
  readonly clientPort: string | undefined;
  readonly clientPortAddress: string | undefined;
}

export function readServer(given: Assignment): Server {
  const [addresses = '', client] = given.value.split(';');
  const id = given.key.slice('server.'.length);
  let observer = false;
  for (const address of addresses.split('|')) {
    // A host may be an IPv6 address in brackets.
    const [, ports, role] =
      /^(?:\[[^\]]*\]|[^:]*)((?::\d+)*)(?::([A-Za-z]+))?$/.exec(address) ?? [];
    if (ports === undefined) throw malformed(given);
    if (ports.split(':').length - 1 < 2) {
      throw new ConfigError({
        problem: `Missing election port for server: ${id}`,
        advice: 'Write server.N=host:quorumPort:electionPort.',
        given,
      });
    }
    observer ||= readRole(role, given) === 'observer';
  }
  const [, clientPortAddress, clientPort] = /^(?:(.*):)?(\d+)$/.exec(client ?? '') ?? [];
  return { given, id, observer, clientPort, clientPortAddress };
}

export function readRole(role: string | undefined, given: Assignment): 'participant' | 'observer' {
  const word = role?.toLowerCase() ?? 'participant';
  if (word === 'participant' || word === 'observer') return word;
  throw new ConfigError({
    problem: `Unrecognised peertype: ${role}`,
    advice: 'Write participant or observer.',
    given,
  });
}

/** The lone voter of the list, if there is a list; refuses a list of more. */
export function loneServer(servers: readonly Server[]): Server | undefined {
  const voters = servers.filter(({ observer }) => !observer);
  const [first] = servers;
  if (first === undefined) return undefined;
  if (voters.length === 0) {
    throw new ConfigError({
      problem: 'Observers w/o participants is an invalid configuration',
      advice: 'Remove the server lines to serve alone.',
      given: first.given,
    });
  }
  if (servers.length > 1) {
    const second = servers[1] ?? first;
    throw new ConfigError({
      problem: `This version serves alone, and the configuration lists ${servers.length} servers.`,
      advice:
        'Ensembles are not available yet. Remove all server lines to serve alone, or keep this member on Apache ZooKeeper.',
      given: second.given,
    });
  }
  return first;
}

function malformed(given: Assignment): ConfigError {
  return new ConfigError({
    problem: `${given.key} does not say where a server is.`,
    advice: 'Write server.N=host:quorumPort:electionPort[:participant|:observer][;clientPort].',
    given,
  });
}
