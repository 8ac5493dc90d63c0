// The list of members (`server.N`, `group.N`, `weight.N`), wherever it stands, as a value. Whatever
// another server could read otherwise is refused.

import {
  asServerId,
  type Ensemble,
  type Member,
  parseEnsemble,
  parseServerLine,
} from '@zabra/wire';
import { ConfigError } from './config-error.ts';
import type { Assignment } from './origin.ts';

const MEMBER_KEY = /^(server|group|weight)\.(\d{1,19})$/;

const LINE_ADVICE =
  'Write server.N=host:quorumPort:electionPort[:participant|:observer][;[address:]clientPort].';
/** Undefined for an empty list. */
export function readMembers(lines: readonly Assignment[], version: bigint): Ensemble | undefined {
  const [first] = lines;
  if (first === undefined) return undefined;
  // Line by line first, so that a complaint names the line at fault.
  const members = lines.flatMap(readMember);
  if (members.length > 0 && members.every(({ role }) => role === 'observer')) {
    throw new ConfigError({
      problem: 'Observers w/o participants is an invalid configuration',
      advice: 'Add the participants, or remove the lines to serve alone.',
      given: first,
    });
  }
  const outcome = parseEnsemble(lines.map(({ key, value }) => `${key}=${value}`).join('\n'));
  if (outcome.kind === 'ensemble') return { ...outcome.ensemble, version };
  const grouping = lines.find(({ key }) => !key.startsWith('server.'));
  throw new ConfigError({
    problem: outcome.problem,
    advice:
      grouping === undefined
        ? LINE_ADVICE
        : 'Put every participant into one group, with group.G=N:N, or leave groups and weights out.',
    given: grouping ?? first,
  });
}

/** Nothing for a line that groups members. */
function readMember(given: Assignment): readonly Member[] {
  const [, kind, id = ''] = MEMBER_KEY.exec(given.key) ?? [];
  if (kind === undefined) {
    throw new ConfigError({
      problem: `The key ${given.key} has no number.`,
      advice: LINE_ADVICE,
      given,
    });
  }
  if (kind !== 'server') return [];
  const outcome = parseServerLine(asServerId(BigInt(id)), given.value);
  if (outcome.kind === 'member') return [outcome.member];
  throw new ConfigError({ problem: outcome.problem, advice: LINE_ADVICE, given });
}
