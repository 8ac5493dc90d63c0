/** What a server counts about itself; everything here starts over with `srst`. */
export class Summary {
  count = 0;
  sum = 0;
  min = 0;
  max = 0;

  add(value: number): void {
    this.min = this.count === 0 ? value : Math.min(this.min, value);
    this.max = Math.max(this.max, value);
    this.count += 1;
    this.sum += value;
  }

  /** The same value many times over, for what a turn does alike to many requests. */
  addMany(value: number, count: number): void {
    if (count === 0) return;
    this.add(value);
    this.count += count - 1;
    this.sum += value * (count - 1);
  }

  get average(): number {
    return this.count === 0 ? 0 : this.sum / this.count;
  }

  reset(): void {
    this.count = 0;
    this.sum = 0;
    this.min = 0;
    this.max = 0;
  }
}

export class Figures {
  packetsReceived = 0;
  packetsSent = 0;
  bytesReceived = 0;
  bytesSent = 0;
  watchBytes = 0;
  authFailures = 0;
  connectionsRequested = 0;
  connectionsRejected = 0;
  connectionsDropped = 0;
  sessionlessExpired = 0;
  sessionsExpired = 0;
  handshakesFailed = 0;
  largeRequestsRejected = 0;
  throttledOperations = 0;
  snapshots = 0;
  responseBytesLast = -1;
  responseBytesMin = -1;
  responseBytesMax = -1;
  /** Milliseconds from a request's arrival to its answer. */
  readonly latency: Summary = new Summary();
  readonly readLatency: Summary = new Summary();
  readonly updateLatency: Summary = new Summary();
  readonly syncTime: Summary = new Summary();
  readonly syncBatch: Summary = new Summary();
  readonly snapshotTime: Summary = new Summary();

  onResponse(byteCount: number): void {
    this.responseBytesLast = byteCount;
    if (this.responseBytesMin < 0 || byteCount < this.responseBytesMin) {
      this.responseBytesMin = byteCount;
    }
    if (byteCount > this.responseBytesMax) this.responseBytesMax = byteCount;
  }

  reset(): void {
    Object.assign(this, {
      packetsReceived: 0,
      packetsSent: 0,
      bytesReceived: 0,
      bytesSent: 0,
      watchBytes: 0,
      responseBytesLast: -1,
      responseBytesMin: -1,
      responseBytesMax: -1,
    });
    for (const summary of [
      this.latency,
      this.readLatency,
      this.updateLatency,
      this.syncTime,
      this.syncBatch,
      this.snapshotTime,
    ]) {
      summary.reset();
    }
  }
}
