/**
 * What a disk does in one step; a fault can fall before, behind or upon each. They are as small as
 * those of a body that writes files: a power cut between any two finds what it would find there.
 */

/** Each lane keeps its order and overlaps with the others as it likes. */
export type Lane = 'log' | 'snapshot' | 'read';

export const lanes: readonly Lane[] = ['log', 'snapshot', 'read'];

/** Those of a server that serves alone. */
const plainSteps = [
  'log.create',
  'log.write',
  'log.sync',
  'log.syncDirectory',
  'log.answer',
  'log.roll',
  'snapshot.create',
  'snapshot.write',
  'snapshot.sync',
  'snapshot.rename',
  'snapshot.syncDirectory',
  'snapshot.purge',
  'snapshot.answer',
] as const;

/** What the disk of a member does besides. */
const memberSteps = [
  'snapshot.drop',
  'epoch.create',
  'epoch.write',
  'epoch.sync',
  'epoch.rename',
  'epoch.syncDirectory',
  'epoch.answer',
  'configuration.create',
  'configuration.write',
  'configuration.sync',
  'configuration.rename',
  'configuration.remove',
  'configuration.syncDirectory',
  'configuration.answer',
  'mark.create',
  'mark.write',
  'mark.sync',
  'mark.rename',
  'mark.syncDirectory',
  'cut.begin',
  'cut.removeSnapshot',
  'cut.removeLog',
  'cut.syncDirectory',
  'cut.truncate',
  'cut.sync',
  'cut.answer',
  'rebuild.read',
  'rebuild.answer',
  'read.pull',
] as const;

export type DiskStep = (typeof plainSteps)[number] | (typeof memberSteps)[number];

/** Nothing becomes safe but by these. */
export const syncs: ReadonlySet<DiskStep> = new Set(
  [...plainSteps, ...memberSteps].filter((step) => step.includes('.sync')),
);

/** Every step that the disk of a server has, alone or as a member. */
export function stepsOf(isMember: boolean): readonly DiskStep[] {
  return isMember ? [...plainSteps, ...memberSteps] : plainSteps;
}

export interface PlannedStep {
  readonly name: DiskStep;
  /** False where there is nothing to do when its time has come. */
  isNeeded?(): boolean;
  run(): void;
}

/** Nothing is written or read for it: whoever has done the one before has done this. */
export const takesNoTime: ReadonlySet<DiskStep> = new Set([
  ...[...plainSteps, ...memberSteps].filter((step) => step.endsWith('.answer')),
  'log.roll',
  'cut.begin',
]);

/** Not where nothing is written, nor where nobody asks what became of it. */
export function canFail(step: DiskStep): boolean {
  return !step.endsWith('.answer') && !CANNOT_FAIL.has(step);
}

const CANNOT_FAIL: ReadonlySet<DiskStep> = new Set(['log.roll', 'snapshot.drop', 'cut.begin']);
