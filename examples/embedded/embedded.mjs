// A ZooKeeper server inside a program: first one that keeps everything in memory, on a free port,
// then one on disk, which is closed and started again on what it left.
//
//     npm run build
//     node examples/embedded/embedded.mjs
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog, startServer } from '@zabra/server';

async function inMemory() {
  const server = await startServer();
  try {
    console.log(`in memory: ${server.connectString}`);
  } finally {
    await server.close();
  }
}

async function onDisk(dataDir) {
  const server = await startServer({
    dataDir,
    // Any setting of zoo.cfg, under the names of the type ServerSettings.
    settings: { tickTimeMs: 1000, clientPortAddress: '127.0.0.1' },
    // Warnings and errors, as lines of JSON on the standard error.
    log: createLog('warn'),
  });
  try {
    console.log(`on disk: ${server.connectString}`);
  } finally {
    await server.close();
  }
  // Resolved by close; it rejects when the server had to stop, as when its disk failed.
  await server.closed;
}

const dataDir = await mkdtemp(join(tmpdir(), 'zabra-example-'));
try {
  await inMemory();
  await onDisk(dataDir);
  await onDisk(dataDir);
} finally {
  await rm(dataDir, { recursive: true });
}
console.log('closed');
