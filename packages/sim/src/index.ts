export { History } from './checkers/history.ts';
export { ClientHost, HostedClient } from './client-host.ts';
export { isGreen, parseSimArguments, type SimRequest, summary, tell, usage } from './command.ts';
export { type DiskOptions, type DiskStep, type Lane, SimDisk } from './disk.ts';
export { cutEverywhere, type LifeOptions, type LifeReport } from './power-cut.ts';
export type { Actor, Begetter, Birth, Outlet, Port } from './process/actor.ts';
export { type CampaignRequest, type CampaignTotals, campaign, sum } from './run/campaign.ts';
export { type Plan, planOf } from './run/plan.ts';
export { replicaSpecies } from './run/replica-species.ts';
export { type Report, run, type Species, type Violation } from './run/run.ts';
export { type Shrunk, shrink } from './run/shrink.ts';
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
