export { History } from './checkers/history.ts';
export { ClientHost, HostedClient } from './client-host.ts';
export { type DiskOptions, type Lane, SimDisk } from './disk.ts';
export { cutEverywhere, type LifeOptions, type LifeReport } from './power-cut.ts';
export { simSettings } from './settings.ts';
export { SimClient, type SimReply, type SimSession } from './sim-client.ts';
export {
  everythingSurvives,
  nothingSurvives,
  SimDirectory,
  type SimFile,
  type Survival,
} from './sim-directory.ts';
export { Transcript } from './transcript.ts';
export { Workload } from './workload.ts';
export { World, type WorldObserver, type WorldOptions } from './world.ts';
