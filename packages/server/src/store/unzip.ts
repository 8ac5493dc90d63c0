/** A gzip stream in pieces, unpacked in the thread pool while what came before is in use. */
import { createGunzip, type Gunzip } from 'node:zlib';
import type { Pieces } from './pieces.ts';

const CHUNK_BYTES = 512 * 1024;

export async function* unzip(packed: Pieces): Pieces {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  const fed = feed(gunzip, packed).catch((cause: Error) => {
    gunzip.destroy(cause);
  });
  for await (const chunk of gunzip as AsyncIterable<Buffer>) {
    yield new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  await fed;
}

async function feed(gunzip: Gunzip, packed: Pieces): Promise<void> {
  for await (const piece of packed) {
    await new Promise<void>((resolve, reject) => {
      gunzip.write(piece, (error) => (error ? reject(error) : resolve()));
    });
  }
  gunzip.end();
}
