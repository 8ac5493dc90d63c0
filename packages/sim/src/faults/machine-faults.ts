/** What befalls processes, disks and clocks. */
import { layoutOf } from '../disk/log-file.ts';
import { CONFIGURATION_FILES, EPOCH_FILES } from '../disk/small-files.ts';
import { canFail, stepsOf } from '../disk/steps.ts';
import type { DiskStep, SimDisk } from '../disk.ts';
import { type Failpoint, failpoint } from '../process/failpoint.ts';
import type { SimProcess } from '../process/sim-process.ts';
import type { Random } from '../time/random.ts';
import type { Aftermath, Fault, FaultEvent, Scene } from './fault.ts';
import { survivalBy } from './survival.ts';

const STALL_MS_MAX = 12_000;
const HOUR_MS = 3_600_000;
const LOOP_BEATS = 4;

const stepsIn = ({ ensemble }: Scene): readonly DiskStep[] => stepsOf(ensemble !== null);
const isSync = (step: DiskStep): boolean => /\.sync/.test(step);
const isGrowing = (step: DiskStep): boolean => /\.(create|write)$/.test(step);
const syncs = (scene: Scene): readonly DiskStep[] => stepsIn(scene).filter(isSync);
const writes = (scene: Scene): readonly DiskStep[] =>
  stepsIn(scene).filter((step) => canFail(step) && !isSync(step));

export const machineFaults: readonly Fault[] = [
  {
    id: 'F-P01',
    name: 'kill -9',
    spanMs: [0, 0],
    strike: (scene, event) => {
      victim(scene, event).kill('kill -9');
      return undefined;
    },
  },
  {
    id: 'F-P02',
    name: 'a power cut',
    spanMs: [0, 0],
    strike: (scene, event, random) => cutPower(scene, victim(scene, event), random),
  },
  {
    id: 'F-P03',
    name: 'a power cut of everything',
    spanMs: [0, 0],
    strike: (scene, _event, random) => {
      for (const process of scene.servers) cutPower(scene, process, random);
      return undefined;
    },
  },
  {
    id: 'F-P04',
    name: 'a crash again and again, in recovery too',
    spanMs: [500, 8000],
    strike: (scene, event) => {
      const process = victim(scene, event);
      process.kill('first of several');
      scene.beats(event.forMs / LOOP_BEATS, () => process.kill('again'));
      return undefined;
    },
  },
  {
    id: 'F-P05',
    name: 'a process that is stopped for a while',
    spanMs: [50, 20_000],
    strike: (scene, event) => {
      const process = victim(scene, event);
      if (!process.isAlive) return null;
      const { lives } = process;
      process.pause();
      return () => process.goOn(lives);
    },
  },
  {
    id: 'F-P06',
    name: 'a process that gets little of its processor',
    spanMs: [1000, 10_000],
    strike: (scene, event, random) => {
      const process = victim(scene, event);
      const times = random.between(10, 400);
      process.slowness *= times;
      return () => {
        process.slowness /= times;
      };
    },
  },
  {
    id: 'F-P07',
    name: 'an orderly end in the middle of work',
    spanMs: [0, 0],
    strike: (scene, event) => {
      victim(scene, event).shutDown();
      return undefined;
    },
  },
  {
    id: 'F-P10',
    name: 'a process without descriptors for new connections',
    spanMs: [500, 8000],
    strike: ({ network }, { server }) => {
      network.fill(server, 1);
      return () => network.fill(server, -1);
    },
  },
  {
    id: 'F-P11',
    name: 'a server that has forgotten everything',
    spanMs: [0, 0],
    isForEnsembles: true,
    strike: (scene, event) =>
      withoutPower(scene, event, (disk) => {
        disk.wipe();
        return true;
      }),
  },
  {
    id: 'F-D01',
    name: 'a sync that fails, and takes what it should have kept',
    spanMs: [0, 0],
    strike: (scene, event, random) =>
      arm(scene, victim(scene, event), random.pick(syncs(scene)), 'fail'),
  },
  {
    id: 'F-D02',
    name: 'a sync that takes seconds',
    spanMs: [0, 0],
    strike: (scene, event, random) =>
      arm(
        scene,
        victim(scene, event),
        random.pick(syncs(scene)),
        'stall',
        random.between(200, STALL_MS_MAX),
      ),
  },
  {
    id: 'F-D03',
    name: 'a write that fails',
    spanMs: [0, 0],
    strike: (scene, event, random) =>
      arm(scene, victim(scene, event), random.pick(writes(scene)), 'fail'),
  },
  {
    id: 'F-D04',
    name: 'a disk that is full',
    spanMs: [500, 6000],
    strike: (scene, event) => {
      const process = victim(scene, event);
      process.refuse(stepsIn(scene).filter(isGrowing), (step) =>
        scene.ledger.note(`${step}: fail`),
      );
      return () => process.refuse([], () => {});
    },
  },
  {
    id: 'F-D05',
    name: 'a disk that takes nothing more',
    spanMs: [500, 6000],
    strike: (scene, event) => {
      const process = victim(scene, event);
      const steps = stepsIn(scene).filter((step) => canFail(step) && step !== 'read.pull');
      process.refuse(steps, (step) => scene.ledger.note(`${step}: fail`));
      return () => process.refuse([], () => {});
    },
  },
  {
    id: 'F-D10',
    name: 'a bit that turns over',
    spanMs: [0, 0],
    isForEnsembles: true,
    strike: (scene, event, random) =>
      withoutPower(scene, event, (disk) =>
        damage(scene, disk, random, 1, (bytes, at) => {
          bytes[at]! ^= 1 << random.below(8);
        }),
      ),
  },
  {
    id: 'F-D11',
    name: 'a block that turns to zeros',
    spanMs: [0, 0],
    isForEnsembles: true,
    strike: (scene, event, random) =>
      withoutPower(scene, event, (disk) =>
        damage(scene, disk, random, 512, (bytes, at) => bytes.fill(0, at, at + 512)),
      ),
  },
  {
    id: 'F-D15',
    name: 'a log that is missing between others',
    spanMs: [0, 0],
    isForEnsembles: true,
    strike: (scene, event, random) =>
      withoutPower(scene, event, (disk) => {
        const logs = disk.names.filter((name) => name.startsWith('log.')).sort(byZxid);
        const lost = logs.filter((_, i) => i > 0 && i < logs.length - 1 && !begins(logs[i + 1]!));
        if (lost.length === 0) return false;
        disk.lose(random.pick(lost));
        return true;
      }),
  },
  {
    id: 'F-D18',
    name: 'a disk slower than the others',
    spanMs: [1000, 12_000],
    strike: (scene, event, random) => {
      const process = victim(scene, event);
      const times = random.between(5, 100);
      process.diskSlowness *= times;
      return () => {
        process.diskSlowness /= times;
      };
    },
  },
  {
    id: 'F-K01',
    name: 'a wall clock that is set',
    spanMs: [1000, 20_000],
    strike: (scene, event, random) => {
      const { clock } = victim(scene, event);
      const byMs = random.pick([-HOUR_MS, HOUR_MS, -1_700_000_000_000, 2_600_000_000_000, 5]);
      clock.setWall(byMs);
      return () => clock.setWall(0);
    },
  },
  {
    id: 'F-K02',
    name: 'a clock that goes fast or slow',
    spanMs: [2000, 20_000],
    strike: (scene, event, random) => {
      const process = victim(scene, event);
      const { scheduler } = scene;
      process.clock.setRate(scheduler.nowMs, 0.5 + 1.5 * random.next());
      process.wake();
      return () => {
        process.clock.setRate(scheduler.nowMs, 1);
        process.wake();
      };
    },
  },
  {
    id: 'F-K03',
    name: 'a clock that leaps ahead, as after a sleep',
    spanMs: [0, 0],
    strike: (scene, event, random) => {
      const process = victim(scene, event);
      process.clock.leap(random.between(100, 30_000));
      process.wake();
      return undefined;
    },
  },
];

function cutPower({ ledger }: Scene, process: SimProcess, random: Random): Aftermath {
  const { bytes, created, renamed, removed } = process.drive.unsynced;
  if (bytes > 0) ledger.note('F-D06');
  if (created > 0) ledger.note('F-D07');
  if (renamed > 0) ledger.note('F-D08');
  if (removed > 0) ledger.note('F-D09');
  process.cutPower(survivalBy(random));
  return undefined;
}

function victim({ servers }: Scene, { server }: FaultEvent): SimProcess {
  return servers[server]!;
}

function arm(
  { ledger }: Scene,
  process: SimProcess,
  step: DiskStep,
  action: Failpoint['action'],
  stallMs = 0,
): Aftermath {
  const onFired = (): void => ledger.note(`${step}: ${action}`);
  process.arm(failpoint({ step, action, stallMs, onFired }));
  return undefined;
}

/** Something happens to a disk while nobody looks; to one that the others can do without. */
function withoutPower(
  scene: Scene,
  { server }: FaultEvent,
  happen: (disk: SimDisk) => boolean,
): Aftermath {
  const lossy = scene.ensemble?.lossy ?? scene.servers.map(({ host }) => host);
  if (lossy.length === 0) return null;
  const process = scene.servers[lossy[server % lossy.length]!]!;
  process.cutPower({ bytes: () => 0, name: () => false });
  if (!happen(process.drive)) return null;
  process.setDamaged();
  return undefined;
}

/** In blocks, somewhere in a file; false where nothing could be damaged that anybody would notice. */
function damage(
  { ensemble, ledger }: Scene,
  disk: SimDisk,
  random: Random,
  blockBytes: number,
  change: (bytes: Uint8Array, at: number) => void,
): boolean {
  // What an operator may write has no checksum: one letter that becomes another is another address.
  const plain: readonly string[] = blockBytes === 1 ? Object.values(CONFIGURATION_FILES) : [];
  const names = disk.names.filter((name) => !plain.includes(name));
  if (names.length === 0) return false;
  const name = random.pick(names);
  const bytes = disk.read(name);
  const isEpoch = Object.values(EPOCH_FILES).some((one) => one === name);
  const isLog = ensemble !== null && name.startsWith('log.');
  // Whole blocks of a log, so that its last record stays; of others any.
  const blocks = isLog
    ? Math.floor(lastRecordIn(bytes) / blockBytes)
    : Math.ceil(bytes.length / blockBytes);
  if (blocks === 0) return false;
  const at = random.below(blocks) * blockBytes;
  if (name.startsWith('snapshot.')) ledger.note('F-D14');
  disk.damage(name, (damaged) => {
    // A digit that becomes another one is noticed by nobody: the format has no checksum.
    if (isEpoch && blockBytes === 1) damaged[at]! ^= 0x40;
    else change(damaged, at);
  });
  return true;
}

/** Before the first transaction of an epoch nobody can tell whether some are missing. */
const begins = (name: string): boolean => (zxidIn(name) & 0xffff_ffffn) === 1n;

const zxidIn = (name: string): bigint => BigInt(`0x${name.slice(name.indexOf('.') + 1)}`);

function byZxid(one: string, other: string): number {
  return zxidIn(one) < zxidIn(other) ? -1 : 1;
}

/**
 * Where the last record begins: what is damaged there looks like a write that the power has cut, and
 * nobody could tell.
 */
function lastRecordIn(log: Uint8Array): number {
  return layoutOf(log).starts.at(-1) ?? 0;
}
