/**
 * Data directories written by Apache ZooKeeper 3.8.0 (tests/golden/data-dirs), unpacked in memory.
 * The archives are plain tar files of short names, so a reader of a few lines is enough.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const home = new URL('../golden/data-dirs/', import.meta.url);

const BLOCK_BYTES = 512;
const REGULAR_FILE = '0';

/** The names that the other functions take. */
export function goldenDataDirs(): readonly string[] {
  return readdirSync(home)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length));
}

/** What a reader must find in a directory, as its json tells. */
export function goldenDataDirFacts(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`${name}.json`, home), 'utf8'));
}

/** The files of a directory by their paths in it, such as `version-2/log.1`. */
export function goldenDataDirFiles(name: string): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const archive = gunzipSync(readFileSync(new URL(`${name}.tar.gz`, home)));
  for (const [path, bytes] of untar(new Uint8Array(archive))) {
    files.set(path.slice(path.indexOf('/') + 1), bytes);
  }
  return files;
}

function* untar(archive: Uint8Array): Generator<[path: string, bytes: Uint8Array]> {
  let at = 0;
  while (at + BLOCK_BYTES <= archive.length && archive[at] !== 0) {
    const path = asciiAt(archive, at, 100);
    const byteCount = Number.parseInt(asciiAt(archive, at + 124, 12), 8);
    const start = at + BLOCK_BYTES;
    const type = asciiAt(archive, at + 156, 1);
    if (type === REGULAR_FILE) yield [path, archive.slice(start, start + byteCount)];
    at = start + Math.ceil(byteCount / BLOCK_BYTES) * BLOCK_BYTES;
  }
}

/** A field of a tar header: text up to its first zero byte. */
function asciiAt(bytes: Uint8Array, start: number, byteCount: number): string {
  const field = String.fromCharCode(...bytes.subarray(start, start + byteCount));
  const end = field.indexOf('\0');
  return end < 0 ? field : field.slice(0, end);
}
