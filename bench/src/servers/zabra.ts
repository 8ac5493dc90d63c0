/** Zabra as it is built in a checkout: this one, or another to compare a change with its base. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Candidate, Launch, Place } from './candidate.ts';

export interface ZabraOptions {
  readonly role: 'subject' | 'peer';
  readonly checkout: string;
  readonly title: string;
  /** For node itself, in front of the program: profilers. */
  readonly nodeOptions?: readonly string[];
}

export function zabra(options: ZabraOptions): Candidate {
  const { role, checkout, title, nodeOptions = [] } = options;
  const program = join(checkout, 'packages/cli/bin/zabra.js');
  if (!existsSync(join(checkout, 'packages/cli/dist'))) {
    throw new Error(`Zabra is not built in ${checkout}: run npm run build there first`);
  }
  return {
    role,
    title,
    isDurable: true,
    launch: (place: Place): Launch => ({
      command: process.execPath,
      args: [...nodeOptions, program, 'serve', join(place.directory, 'zoo.cfg')],
    }),
  };
}
