/**
 * A snapshot file as it lies on the disk: the quick look that tells a complete one from one whose
 * writing was cut short, and its content in pieces, unpacked.
 */

import type { SnapshotForm } from './file-names.ts';
import { type Files, type OpenFile, withFile } from './files.ts';
import { type Pieces, readPieces } from './pieces.ts';
import type { StoredFile } from './shelf.ts';
import { SNAPPY_MAGIC, unsnap } from './unsnap.ts';
import { unzip } from './unzip.ts';

export interface StoredSnapshot extends StoredFile {
  readonly form: SnapshotForm;
}

/** Where a form of snapshot carries the bytes that its completeness is judged by. */
interface Mark {
  readonly bytes: Uint8Array;
  readonly fromEnd: boolean;
  readonly fileBytesMin: number;
}

const marks: Readonly<Record<SnapshotForm, Mark>> = {
  // The text of the last seal.
  plain: { bytes: Uint8Array.of(0, 0, 0, 1, 0x2f), fromEnd: true, fileBytesMin: 10 },
  gz: { bytes: Uint8Array.of(0x1f, 0x8b), fromEnd: false, fileBytesMin: 2 },
  snappy: { bytes: SNAPPY_MAGIC, fromEnd: false, fileBytesMin: SNAPPY_MAGIC.length },
};

/** Whether it is worth reading; whether it can be trusted is only known after that. */
export async function looksComplete(files: Files, snapshot: StoredSnapshot): Promise<boolean> {
  const { bytes, fromEnd, fileBytesMin } = marks[snapshot.form];
  if (snapshot.bytes < fileBytesMin) return false;
  const found = new Uint8Array(bytes.length);
  const at = fromEnd ? snapshot.bytes - bytes.length : 0;
  const count = await withFile(files, snapshot.path, (file) => file.read(found, at));
  return count === bytes.length && bytes.every((byte, i) => byte === found[i]);
}

export function contentOf(snapshot: StoredSnapshot, file: OpenFile): Pieces {
  const pieces = readPieces(file, snapshot.bytes);
  if (snapshot.form === 'gz') return unzip(pieces);
  return snapshot.form === 'snappy' ? unsnap(pieces) : pieces;
}
