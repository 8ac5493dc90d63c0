/**
 * What befalls whoever comes first to a step of its disk or to a point of the protocol: it dies there,
 * loses power, fails or stands still. Each is as likely as the other, but for those that few worlds
 * come to: they are waited for more often.
 */
import { canFail, type DiskStep, stepsOf } from '../disk/steps.ts';
import { type Failpoint, failpoint } from '../process/failpoint.ts';
import type { Random } from '../time/random.ts';
import type { Fault, Scene } from './fault.ts';
import { memberPoints, type Point, points } from './points.ts';
import { survivalBy } from './survival.ts';

type Action = Failpoint['action'];

interface Trap {
  readonly name: string;
  readonly tickets: number;
  set(scene: Scene, random: Random): void;
}

const STALL_MS_MAX = 12_000;
const PASSES = [0, 0, 1, 5];
/** So many times is one in the hat that one world in seven comes to, or one in a hundred. */
const RARE_TICKETS = 10;
const RAREST_TICKETS = 40;
const RARE =
  /^(cut|rebuild|read|configuration)\.|TRUNC|SNAP|OBSERVERINFO|INFORM|cuts its log|reads for|before it is in step|under way|history/;
const RAREST = /^(rebuild|cut\.(removeLog|syncDirectory))/;

/**
 * A disk of a sound ensemble never does these: a snapshot holds what is agreed alone, so no cut takes one.
 * The tests of the disk do them.
 */
const NEVER = /^mark\.|^cut\.removeSnapshot$/;

const disksOfOne = stepsOf(false).flatMap(trapsAtStep);
const disksOfMembers = stepsOf(true).flatMap(trapsAtStep);
const ensembles: readonly Trap[] = [...disksOfMembers, ...points.flatMap(trapsAtPoint)];

/** Where members change: each as likely as the other, for few worlds have any of them. */
const changing: readonly Trap[] = [
  ...stepsOf(true)
    .filter((step) => step.startsWith('configuration.'))
    .flatMap(trapsAtStep),
  ...memberPoints.flatMap(trapsAtPoint),
];

const hatOfOne: readonly Trap[] = hatOf(disksOfOne);
const hatOfEnsembles: readonly Trap[] = hatOf(ensembles);

export const trap: Fault = {
  id: 'trap',
  name: 'a trap at a step of a disk or at a point of the protocol',
  spanMs: [0, 0],
  strike: (scene, _event, random) => {
    random.pick(scene.ensemble === null ? hatOfOne : hatOfEnsembles).set(scene, random);
    return undefined;
  },
};

export const memberTrap: Fault = {
  id: 'trap of members',
  name: 'a trap where members change',
  spanMs: [0, 0],
  isForChanging: true,
  strike: (scene, _event, random) => {
    // Machines that are no servers of ours come to none of these.
    if (scene.traps === null) return null;
    random.pick(changing).set(scene, random);
    return undefined;
  },
};

/** All that should have sprung in a campaign. */
export function trapNames(isAlone: boolean): readonly string[] {
  const traps = isAlone ? disksOfOne : [...ensembles, ...changing];
  return [...new Set(traps.map(({ name }) => name))];
}

function hatOf(traps: readonly Trap[]): readonly Trap[] {
  return traps.flatMap((one) => Array.from({ length: one.tickets }, () => one));
}

function ticketsOf(where: string): number {
  if (RAREST.test(where)) return RAREST_TICKETS;
  return RARE.test(where) ? RARE_TICKETS : 1;
}

function trapsAtStep(step: DiskStep): readonly Trap[] {
  if (NEVER.test(step)) return [];
  const actions: Action[] = ['crash before', 'crash behind'];
  if (canFail(step)) actions.push('fail');
  if (/\.sync/.test(step)) actions.push('stall');
  return actions.map((action) => {
    const name = `${step}: ${action}`;
    const set = ({ servers, ledger }: Scene, random: Random): void => {
      const one = failpoint({
        step,
        action,
        stallMs: random.between(200, STALL_MS_MAX),
        survival: random.chance(0.5) ? survivalBy(random) : null,
        passes: RARE.test(step) ? 0 : random.pick(PASSES),
        onFired: () => {
          ledger.note(name);
          if (action === 'fail' && /^(rebuild|read)\./.test(step)) ledger.note('F-D12');
        },
      });
      for (const server of servers) server.arm(one);
    };
    return { name, tickets: ticketsOf(step), set };
  });
}

function trapsAtPoint({ name: point, isOver }: Point): readonly Trap[] {
  const verbs = isOver ? ['crash behind', 'stall'] : ['crash before', 'crash behind', 'stall'];
  return verbs.map((verb) => {
    const name = `${point}: ${verb}`;
    const set = ({ ensemble, traps, servers, ledger }: Scene, random: Random): void => {
      const stallMs = verb === 'stall' ? random.between(20, STALL_MS_MAX) : null;
      const survival = verb !== 'stall' && random.chance(0.5) ? survivalBy(random) : null;
      const passes = RARE.test(point) ? 0 : random.pick(PASSES);
      const isBehind = verb !== 'crash before';
      const spring = (server: number): void => {
        ledger.note(name);
        const host = ensemble!.ids.indexOf(server);
        servers[host]!.interrupt({ why: name, isBehind, survival, stallMs });
      };
      traps!.set({ point, passes, spring });
    };
    return { name, tickets: ticketsOf(point), set };
  });
}
