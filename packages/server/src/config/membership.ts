// Who the members are, from wherever that is written: in zoo.cfg itself, or in a file of its own,
// which a change of members replaces by another.

import { type Ensemble, parseEnsemble } from '@zabra/wire';
import type { Given } from './check-given.ts';
import { ConfigError } from './config-error.ts';
import { nextPath, versionInName } from './ensemble-settings.ts';
import { readMembers } from './member-list.ts';
import type { Assignment } from './origin.ts';
import { groupOf } from './other-keys.ts';
import { readProperties } from './read-properties.ts';
import type { ReadText } from './read-text.ts';

export interface Membership {
  readonly ensemble: Ensemble;
  /** The lines that say so, none for members that were not listed by anybody. */
  readonly lines: readonly Assignment[];
}

/** Undefined where no members are listed. */
export function readMembership(given: Given, read: ReadText): Membership | undefined {
  const listed = [...given.values()].filter(({ key }) => isMemberKey(key));
  const pointer = given.get('dynamicConfigFile');
  const isApart = pointer !== undefined && pointer.value !== '';
  if (isApart) refuseLinesInside(listed);
  const lines = isApart ? readDynamicFile(pointer, read) : listed;
  const ensemble = readMembers(lines, isApart ? versionInName(pointer.value) : 0n);
  return ensemble === undefined ? undefined : { ensemble, lines };
}

/** The configuration that was proposed last and may not be committed, where one was kept. */
export function readNext(file: string, read: ReadText): Ensemble | null {
  const path = nextPath(file);
  const text = read(path);
  if (text === null) return null;
  const outcome = parseEnsemble(text);
  if (outcome.kind === 'ensemble') return outcome.ensemble;
  throw new ConfigError({
    problem: `Error processing ${path}: ${outcome.problem}`,
    advice: 'Remove the file if no change of the members is under way.',
    file: path,
  });
}

/** `server.principal` and the like name no members. */
function isMemberKey(key: string): boolean {
  return /^(?:server|group|weight)\./.test(key) && groupOf(key) === 'ensemble';
}

function refuseLinesInside([first]: readonly Assignment[]): void {
  if (first === undefined) return;
  throw new ConfigError({
    problem: `parameter: ${first.key} must be in a separate dynamic config file`,
    advice: 'Members are listed in one place: move the line to dynamicConfigFile.',
    given: first,
  });
}

function readDynamicFile(pointer: Assignment, read: ReadText): readonly Assignment[] {
  const path = pointer.value;
  const text = read(path);
  if (text === null) {
    throw new ConfigError({
      problem: `${path} file is missing`,
      advice: 'Give dynamicConfigFile the path of the file with the server lines.',
      given: pointer,
    });
  }
  const lines = new Map(readProperties(path, text).map((line) => [line.key, line]));
  for (const given of lines.values()) {
    if (given.key === 'version') {
      throw new ConfigError({
        problem: "dynamic file shouldn't have version inside",
        advice: 'Remove the line: the version stands in the name of the file.',
        given,
      });
    }
    if (isMemberKey(given.key)) continue;
    throw new ConfigError({
      problem: `Unrecognised parameter: ${given.key}`,
      advice: 'Only server.N, group.N and weight.N stand here; other keys belong into zoo.cfg.',
      given,
    });
  }
  if (lines.size > 0) return [...lines.values()];
  throw new ConfigError({
    problem: `${path} lists no servers.`,
    advice: 'Add a line server.N for each member.',
    file: path,
  });
}
