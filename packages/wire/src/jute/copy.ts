/** Below this many bytes a loop over words beats the set-up of `subarray` and `set`. */
const WORD_COPY_BYTES_MAX = 256;

/** Copies a range between buffers; the views lie over the same bytes as the arrays. */
export function copyBytes(
  source: Uint8Array,
  sourceView: DataView,
  sourceStart: number,
  target: Uint8Array,
  targetView: DataView,
  targetStart: number,
  byteCount: number,
): void {
  if (byteCount > WORD_COPY_BYTES_MAX) {
    target.set(source.subarray(sourceStart, sourceStart + byteCount), targetStart);
    return;
  }
  let i = 0;
  for (; i + 4 <= byteCount; i += 4) {
    targetView.setInt32(targetStart + i, sourceView.getInt32(sourceStart + i, true), true);
  }
  for (; i < byteCount; i += 1) target[targetStart + i] = source[sourceStart + i]!;
}
