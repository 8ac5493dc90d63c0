/** What clients do to servers, and what befalls them. */
import type { ClientProcess } from '../people/client-process.ts';
import type { Fault, FaultEvent, Scene } from './fault.ts';

export const clientFaults: readonly Fault[] = [
  {
    id: 'F-N11',
    name: 'a client that does not read',
    spanMs: [500, 10_000],
    strike: (scene, event) => {
      const client = whoever(scene, event);
      client.setReading(false);
      return () => client.setReading(true);
    },
  },
  {
    id: 'F-N18',
    name: 'a client that goes from server to server',
    spanMs: [500, 6000],
    strike: (scene, event) => {
      const client = whoever(scene, event);
      client.hop();
      scene.beats(event.forMs / 5, () => client.hop());
      return undefined;
    },
  },
  {
    id: 'F-C01',
    name: 'a session on two connections',
    spanMs: [0, 0],
    strike: (scene, event) => {
      whoever(scene, event).move();
      return undefined;
    },
  },
  {
    id: 'F-C02',
    name: 'a wrong password',
    spanMs: [0, 0],
    strike: (scene, event) => {
      whoever(scene, event).lie();
      return undefined;
    },
  },
  {
    id: 'F-C04',
    name: 'a client that hangs up behind its last request',
    spanMs: [0, 0],
    strike: (scene, event) => {
      whoever(scene, event).blurt();
      return undefined;
    },
  },
];

function whoever({ clients }: Scene, { client }: FaultEvent): ClientProcess {
  return clients[client]!;
}
