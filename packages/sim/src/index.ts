export { type DiskOptions, SimDisk, type Survival } from './disk.ts';
export { simSettings } from './settings.ts';
export { SimClient, type SimReply, type SimSession } from './sim-client.ts';
export { World, type WorldOptions } from './world.ts';
