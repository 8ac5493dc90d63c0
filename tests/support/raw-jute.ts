/**
 * Jute's encoding for test clients: a builder and a cursor over Node buffers. Written apart from
 * `@zabra/wire` on purpose: a mistake shared by the server and its tests would cancel itself out.
 */

/** Appends fields in declaration order; `bytes` joins them. */
export class JuteBuilder {
  readonly #parts: Buffer[] = [];

  int(value: number): this {
    const part = Buffer.alloc(4);
    part.writeInt32BE(value | 0);
    return this.raw(part);
  }

  long(value: bigint): this {
    const part = Buffer.alloc(8);
    part.writeBigInt64BE(BigInt.asIntN(64, value));
    return this.raw(part);
  }

  boolean(value: boolean): this {
    return this.raw(Buffer.from([value ? 1 : 0]));
  }

  buffer(value: Uint8Array | null): this {
    if (value === null) return this.int(-1);
    return this.int(value.length).raw(value);
  }

  string(value: string | null): this {
    return this.buffer(value === null ? null : Buffer.from(value, 'utf8'));
  }

  strings(values: readonly string[]): this {
    this.int(values.length);
    for (const value of values) this.string(value);
    return this;
  }

  raw(bytes: Uint8Array): this {
    this.#parts.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    return this;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

/** Reads fields in declaration order; reading past the end throws, which fails the test. */
export class JuteCursor {
  readonly bytes: Buffer;
  position: number;

  constructor(bytes: Buffer, position = 0) {
    this.bytes = bytes;
    this.position = position;
  }

  get remaining(): number {
    return this.bytes.length - this.position;
  }

  int(): number {
    this.position += 4;
    return this.bytes.readInt32BE(this.position - 4);
  }

  long(): bigint {
    this.position += 8;
    return this.bytes.readBigInt64BE(this.position - 8);
  }

  boolean(): boolean {
    this.position += 1;
    return this.bytes.readUInt8(this.position - 1) !== 0;
  }

  buffer(): Buffer | null {
    const length = this.int();
    if (length < 0) return null;
    if (length > this.remaining)
      throw new RangeError(`a buffer of ${length} bytes runs off the end`);
    this.position += length;
    return this.bytes.subarray(this.position - length, this.position);
  }

  string(): string | null {
    return this.buffer()?.toString('utf8') ?? null;
  }

  strings(): string[] {
    const count = this.int();
    const values: string[] = [];
    for (let i = 0; i < count; i += 1) values.push(this.string() ?? '');
    return values;
  }
}
