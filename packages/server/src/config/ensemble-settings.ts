// What a server is told about its ensemble: who it is, who the members are, and where they are
// written down when they change. Times and limits are ordinary settings.

import type { Ensemble, Member, ServerId } from '@zabra/wire';

export interface EnsembleSettings {
  readonly id: ServerId;
  /** As the files say it rules; this server is in it. */
  readonly committed: Ensemble;
  /** One that was proposed and is not known to be committed. */
  readonly next: Ensemble | null;
  /** zoo.cfg, beside which changed configurations are kept; null when there is none. */
  readonly file: string | null;
}

/** The line of this server itself, when it has one. */
export function memberOf(ensemble: Ensemble, id: ServerId): Member | undefined {
  return ensemble.members.find((member) => member.id === id);
}

/** Beside zoo.cfg, and named as Apache's servers name it: the version stands in the name. */
export function committedPath(file: string, { version }: Ensemble): string {
  return `${file}.dynamic.${version.toString(16)}`;
}

export function nextPath(file: string): string {
  return `${file}.dynamic.next`;
}

/** Hexadecimal digits behind the last dot of the name are its version; a name without has 0. */
export function versionInName(path: string): bigint {
  const digits = /\.([0-9a-f]{1,16})$/i.exec(path)?.[1];
  const version = digits === undefined ? 0n : BigInt(`0x${digits}`);
  return BigInt.asIntN(64, version) < 0n ? 0n : version;
}
