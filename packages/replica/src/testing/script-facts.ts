/** What the host of a script would say of itself. */
import type { HostFacts } from '../words/host-facts.ts';

export const scriptFacts: HostFacts = {
  configuration: [
    ['clientPort', 2181],
    ['dataDir', '/data'],
  ],
  environment: [['host.name', 'script']],
  snapshotBytes: 1000,
  logBytes: 2000,
  openFiles: 20,
  openFilesMax: 1024,
};
