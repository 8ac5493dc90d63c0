/** The Python peers: pip puts the pinned client into the cache, nothing into the system. */
import { join } from 'node:path';
import { cached, repositoryRoot, run } from './peers-cache.ts';
import type { PeerCommand } from './peers-report.ts';

const KAZOO = '2.11.0';

/** The command line that runs this program of `tests/interop/python`. */
export async function kazooPeer(program = 'kazoo_client.py'): Promise<PeerCommand> {
  const folder = await cached('kazoo', KAZOO, async (target) => {
    await run('python3', [
      ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'],
      ...['--no-deps', '--target', target, `kazoo==${KAZOO}`],
    ]);
  });
  return {
    command: 'python3',
    args: [join(repositoryRoot, 'tests/interop/python', program)],
    env: { PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' },
  };
}
