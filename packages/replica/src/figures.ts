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
  /** Transactions that led to another tree than the leader's. */
  digestMismatches = 0;
  /** Records proposed to others, and their bytes; -1 before the first. */
  proposals = 0;
  proposalBytesLast = -1;
  proposalBytesMin = -1;
  proposalBytesMax = -1;
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

  onProposal(byteCount: number): void {
    this.proposals += 1;
    this.proposalBytesLast = byteCount;
    if (this.proposalBytesMin < 0 || byteCount < this.proposalBytesMin) {
      this.proposalBytesMin = byteCount;
    }
    if (byteCount > this.proposalBytesMax) this.proposalBytesMax = byteCount;
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
      proposalBytesLast: -1,
      proposalBytesMin: -1,
      proposalBytesMax: -1,
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
