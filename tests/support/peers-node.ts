/** The Node peers: npm puts the pinned clients into the cache and builds what is native there. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cached, repositoryRoot, run } from './peers-cache.ts';
import type { PeerCommand } from './peers-report.ts';

const clients = {
  'node-zookeeper-client': { package: 'node-zookeeper-client@1.1.3', native: false },
  'zookeeper-native': { package: 'zookeeper@7.3.0', native: true },
} as const;

export async function nodePeer(name: keyof typeof clients): Promise<PeerCommand> {
  const client = clients[name];
  const stamp = `${client.package} ${process.version} ${process.arch}`;
  const folder = await cached(name, stamp, async (target) => {
    const manifest = { private: true, allowScripts: { [client.package]: client.native } };
    await writeFile(join(target, 'package.json'), JSON.stringify(manifest));
    await run('npm', ['install', '--no-audit', '--no-fund', '--save-exact', client.package], {
      cwd: target,
      env: client.native ? nodeHeaders() : {},
    });
  });
  return {
    command: process.execPath,
    args: [join(repositoryRoot, 'tests/interop/node', `${name}.mjs`)],
    env: { PEER_MODULES: folder },
  };
}

/** Node's headers, where they came with Node, so that the build need not download them. */
function nodeHeaders(): Record<string, string> {
  const prefix = dirname(dirname(process.execPath));
  return existsSync(join(prefix, 'include/node/node.h')) ? { npm_config_nodedir: prefix } : {};
}
