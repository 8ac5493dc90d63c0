/** A copy of bytes[start, end). Not by `slice`, which in Node's own byte arrays copies nothing. */
export function copied(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const copy = new Uint8Array(end - start);
  copy.set(bytes.subarray(start, end));
  return copy;
}
