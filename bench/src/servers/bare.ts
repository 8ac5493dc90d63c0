/** The bare frame server (bare-server.ts) as something to measure. */
import { programFile } from '../places.ts';
import type { Candidate, Launch, Place } from './candidate.ts';

export function bare(): Candidate {
  return {
    role: 'limit',
    title: 'bare Node',
    isDurable: false,
    launch: (place: Place): Launch => ({
      command: process.execPath,
      args: [programFile('bare-server'), String(place.port)],
    }),
  };
}
